#include "sys/readiness.hpp"

#include "sys/errno_error.hpp"
#include "sys/log.hpp"
#include "sys/platform.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

namespace gw::sys {

Result<Pipe> make_pipe() {
    std::array<int, 2> ends{};
    if (platform::make_pipe(ends) != 0) {
        return fail_errno(errno, "cannot make a pipe");
    }
    Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
    if (::fcntl(pipe.read_end.get(), F_SETFL, O_NONBLOCK) != 0) {
        return fail_errno(errno, "cannot make a pipe");
    }
    return pipe;
}

std::optional<UniqueFd> take_notification_fd(int number) {
    struct stat st{};
    const int flags = ::fcntl(number, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY || ::fstat(number, &st) != 0 ||
        !S_ISFIFO(st.st_mode)) {
        return std::nullopt;
    }
    UniqueFd own(::fcntl(number, F_DUPFD_CLOEXEC, number + 1));
    if (!own) {
        return std::nullopt;
    }
    ::close(number);
    return own;
}

bool is_inherited(int number) {
    const int flags = ::fcntl(number, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) == 0;
}

void tell_ready(UniqueFd& notification_fd) {
    if (notification_fd) {
        (void)!::write(notification_fd.get(), "\n", 1);
        notification_fd.reset();
    }
}

PipeNews read_notification(const UniqueFd& read_end) {
    std::array<char, 256> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
    const ssize_t n = ::read(read_end.get(), bytes.data(), bytes.size());
    if (n == 0) {
        return PipeNews::closed;
    }
    if (n < 0) {
        return PipeNews::nothing;
    }
    const auto end = bytes.begin() + n;
    return std::find(bytes.begin(), end, '\n') != end ? PipeNews::newline : PipeNews::nothing;
}

void notify_supervisor(const std::string& socket, std::string_view message) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket.empty() || socket.size() >= sizeof address.sun_path) {
        return;
    }
    std::copy(socket.begin(), socket.end(), &address.sun_path[0]);
    if (socket.front() == '@') {
        address.sun_path[0] = '\0';
    }
    const UniqueFd fd = platform::datagram_socket();
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket.size());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address); // NOLINT
    if (!fd || ::sendto(fd.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                        generic, length) < 0) {
        log_debug("cannot notify " + socket + ": " + errno_error(errno, "sendto").message);
    }
}

} // namespace gw::sys
