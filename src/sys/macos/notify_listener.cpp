/// sd_notify(3) is of Linux: it needs names of sockets that are no files, and senders that the
/// kernel vouches for. A gateway says that it is ready by the newline on its descriptor.
#include "sys/readiness.hpp"

namespace gw::sys {

Result<NotifyListener> NotifyListener::open() {
    return fail(Errc::unsupported, "there is no NOTIFY_SOCKET on macOS");
}

std::optional<std::string> NotifyListener::next() {
    return std::nullopt;
}

} // namespace gw::sys
