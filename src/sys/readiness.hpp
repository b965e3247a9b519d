/// The two ways in which a process tells that it is ready: a newline on a descriptor (s6) and
/// datagrams on NOTIFY_SOCKET (sd_notify(3)).
#pragma once

#include "base/error.hpp"
#include "sys/unique_fd.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw::sys {

/// A pipe whose write end the command gets under the number that its supervisor promised.
struct Pipe {
    UniqueFd read_end; ///< does not block
    UniqueFd write_end;
};
Result<Pipe> make_pipe();

/// Takes the supervisor's descriptor `number` away from the command: a copy that is closed on exec.
/// nullopt when `number` is not a pipe open for writing.
std::optional<UniqueFd> take_notification_fd(int number);

/// Whether a command that is executed now would find this descriptor open.
bool is_inherited(int number);

/// The newline that s6 waits for; the descriptor is closed after it.
void tell_ready(UniqueFd& notification_fd);

/// What came through the pipe since the last look.
enum class PipeNews { nothing, newline, closed };
PipeNews read_notification(const UniqueFd& read_end);

/// A datagram socket for the command's NOTIFY_SOCKET, in the abstract namespace: it leaves nothing
/// on disk, whatever kills us.
class NotifyListener {
  public:
    static Result<NotifyListener> open();
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// The value for NOTIFY_SOCKET: "@…".
    [[nodiscard]] const std::string& address() const { return address_; }
    /// The next message of a process of our own user (or root); nullopt when there is none.
    std::optional<std::string> next();

  private:
    NotifyListener(UniqueFd fd, std::string address)
        : fd_(std::move(fd)), address_(std::move(address)) {}
    UniqueFd fd_;
    std::string address_;
};

/// sd_notify(3) to our own supervisor. Failure is not worth more than a debug line: systemd's own
/// time limits act then.
void notify_supervisor(const std::string& socket, std::string_view message);

} // namespace gw::sys
