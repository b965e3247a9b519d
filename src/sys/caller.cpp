#include "sys/caller.hpp"

#include <unistd.h>

namespace gw::sys {

const Caller& caller() {
    static const Caller who{::getuid()};
    return who;
}

} // namespace gw::sys
