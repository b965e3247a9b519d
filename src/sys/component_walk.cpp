#include "sys/component_walk.hpp"

#include "sys/unique_fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <utility>

namespace gw::sys {

int open_component_by_component(int start, const std::string& relative, WalkFlags flags) {
    UniqueFd current;
    int at = start;
    std::size_t begin = 0;
    while (true) {
        const auto slash = relative.find('/', begin);
        const std::string part = relative.substr(begin, slash - begin);
        if (part.empty() || part == "..") {
            errno = EXDEV;
            return -1;
        }
        if (slash == std::string::npos) {
            return ::openat(at, part.c_str(), flags.last | O_NOFOLLOW);
        }
        UniqueFd next(::openat(at, part.c_str(), flags.way | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next) {
            return -1;
        }
        current = std::move(next);
        at = current.get();
        begin = slash + 1;
    }
}

} // namespace gw::sys
