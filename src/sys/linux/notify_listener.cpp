#include "sys/errno_error.hpp"
#include "sys/readiness.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <sys/socket.h>
#include <sys/un.h>

namespace gw::sys {

Result<NotifyListener> NotifyListener::open() {
    UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto* generic = reinterpret_cast<sockaddr*>(&address); // NOLINT: the interface of sockets
    socklen_t length = sizeof(sa_family_t); // autobind (unix(7)): the kernel finds a free name
    const int on = 1;
    if (!fd || ::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0 ||
        ::bind(fd.get(), generic, length) != 0) {
        return fail_errno(errno, "cannot make a notification socket");
    }
    length = sizeof address;
    if (::getsockname(fd.get(), generic, &length) != 0) {
        return fail_errno(errno, "cannot make a notification socket");
    }
    const std::size_t name_length = length - offsetof(sockaddr_un, sun_path);
    std::string name(&address.sun_path[0], name_length);
    name.front() = '@';
    return NotifyListener(std::move(fd), std::move(name));
}

std::optional<std::string> NotifyListener::next() {
    constexpr std::size_t limit = 4096;
    std::array<char, limit> bytes; // NOLINT(cppcoreguidelines-pro-type-member-init)
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    if (n < 0) {
        return std::nullopt;
    }
    ucred sender{};
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_type != SCM_CREDENTIALS) {
        return std::string();
    }
    std::memcpy(&sender, CMSG_DATA(header), sizeof sender);
    if (sender.uid != ::geteuid() && sender.uid != 0) {
        return std::string();
    }
    return std::string(bytes.data(), static_cast<std::size_t>(n));
}

} // namespace gw::sys
