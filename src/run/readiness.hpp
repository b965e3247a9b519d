/// When the command is ready, and who has to hear it.
#pragma once

#include "run/gateway_run.hpp"
#include "sys/child.hpp"
#include "sys/clock.hpp"
#include "sys/readiness.hpp"

#include <optional>

namespace gw::run {

/// Stands between the supervisor's readiness protocol and the command's: the command gets a pipe
/// under the descriptor number of s6 and a NOTIFY_SOCKET of its own, so that either works whatever
/// the supervisor speaks. A descriptor that it inherits from somebody else stays what it is.
class Readiness {
  public:
    explicit Readiness(const RunOptions& options);

    /// For one start of the command.
    sys::ChildSetup prepare();
    /// The command has been started: its ends of the channels are its own now.
    void started();

    /// Descriptors to poll; -1 for none.
    [[nodiscard]] int pipe_fd() const { return pipe_ ? pipe_->read_end.get() : -1; }
    [[nodiscard]] int socket_fd() const { return listener_ ? listener_->fd() : -1; }

    /// Reads what has come. True as soon as the command counts as ready.
    bool look();
    /// Until the moment at which a silent command counts as ready; nullopt when it never does.
    [[nodiscard]] std::optional<milliseconds> left() const;

    /// Tells the supervisor.
    void announce_ready();
    void announce_stopping();

  private:
    /// Started by hand, and not told to wait for its word, the command finds descriptors and
    /// environment as they are, byte for byte.
    [[nodiscard]] bool is_news_awaited() const;
    void pass_on(const std::string& message);

    const RunOptions& options_;
    int number_; ///< of the descriptor on which the command tells
    bool is_number_free_ = true;
    std::optional<sys::UniqueFd> supervisor_fd_;
    std::optional<sys::Pipe> pipe_;
    std::optional<sys::NotifyListener> listener_;
    std::optional<sys::Deadline> silent_;
    bool said_ready_ = false;
};

} // namespace gw::run
