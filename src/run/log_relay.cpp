#include "run/log_relay.hpp"

#include "base/text.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"
#include "sys/unique_fd.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fmt/format.h>
#include <optional>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace gw::run {

namespace {

using std::chrono::milliseconds;

/// Its s6-supervise was killed, and the next one will start another logger on the same pipe and the
/// same directory: this one writes what it has, and leaves both.
constexpr int supervisor_is_dead = SIGUSR1;

/// The lines that wait, and those that have found no room.
class Backlog {
  public:
    explicit Backlog(std::size_t limit) : limit_(limit) {}

    [[nodiscard]] bool empty() const { return waiting_.empty(); }
    [[nodiscard]] const std::string& bytes() const { return waiting_; }
    void written(std::size_t count) { waiting_.erase(0, count); }
    /// What was written and not read.
    void give_back(std::string_view bytes) { waiting_.insert(0, bytes); }

    void add(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto end = bytes.find('\n');
            const auto piece = bytes.substr(0, end == bytes.npos ? end : end + 1);
            take(piece);
            at_line_begin_ = piece.ends_with('\n');
            bytes.remove_prefix(piece.size());
        }
    }

  private:
    /// A line without room is lost; one whose first piece had room is cut, and counts as lost.
    void take(std::string_view piece) {
        if (at_line_begin_) {
            losing_ = waiting_.size() + piece.size() > limit_;
            lost_ += losing_ ? 1U : 0U;
        } else if (!losing_ && waiting_.size() + piece.size() > limit_) {
            losing_ = true;
            ++lost_;
            waiting_ += '\n';
        }
        if (losing_) {
            return;
        }
        if (lost_ > 0 && at_line_begin_) {
            waiting_ += fmt::format("gatewayctl: {} line(s) are lost here: the log could not be "
                                    "written\n",
                                    lost_);
            lost_ = 0;
        }
        waiting_ += piece;
    }

    std::size_t limit_;
    std::string waiting_;
    std::size_t lost_ = 0;
    bool losing_ = false;
    bool at_line_begin_ = true;
};

class Relay {
  public:
    Relay(Loggers loggers, sys::SignalEvents& signals, const RelayLimits& limits)
        : loggers_(std::move(loggers)), signals_(signals), limits_(limits),
          backlog_(limits.buffer) {}

    Result<void> run() {
        if (auto started = limits_.rest_after ? Result<void>{} : start(); !started) {
            return started;
        }
        sys::hear_of_parents_death(supervisor_is_dead);
        sys::drop_idle_code();
        while (!input_ended_ || !backlog_.empty()) {
            wait();
            reap();
            rest();
            if (!child_ && next_start_.passed() && !(limits_.rest_after && backlog_.empty())) {
                (void)start(); // tried again after the next pause
            }
            write_waiting();
            read_input();
            if (end_ && end_->passed()) {
                break;
            }
        }
        finish();
        return {};
    }

  private:
    Result<void> start() {
        next_start_ = sys::Deadline(limits_.restart_pause);
        auto pipe = sys::make_pipe_to_child();
        if (!pipe) {
            return std::unexpected(pipe.error());
        }
        const auto pid = sys::start_child(instead_ ? loggers_.otherwise : loggers_.first, signals_,
                                          {std::pair(pipe->read_end.get(), STDIN_FILENO), {}});
        if (!pid) {
            return std::unexpected(pid.error());
        }
        child_ = *pid;
        pipe_ = std::move(pipe->write_end);
        unread_ = std::move(pipe->read_end);
        return {};
    }

    void wait() {
        std::array<pollfd, 3> events = {
            pollfd{signals_.fd(), POLLIN, 0}, pollfd{input_ended_ ? -1 : STDIN_FILENO, POLLIN, 0},
            pollfd{pipe_ && !backlog_.empty() ? pipe_.get() : -1, POLLOUT, 0}};
        const auto left = until_next_turn();
        (void)::poll(events.data(), events.size(), left ? static_cast<int>(left->count() + 1) : -1);
        input_ready_ = (events[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
    }

    /// nullopt: nothing is due before something comes.
    [[nodiscard]] std::optional<milliseconds> until_next_turn() const {
        if (end_) {
            return child_ ? end_->left() : std::min(end_->left(), next_start_.left());
        }
        if (!child_) {
            return backlog_.empty() && limits_.rest_after ? std::nullopt
                                                          : std::optional(next_start_.left());
        }
        if (!pipe_ || !backlog_.empty()) {
            return std::nullopt; // its end will be heard of, and that it can take more
        }
        std::optional<milliseconds> left;
        for (const auto& one : {rest_, instead_}) {
            left = one ? std::min(left.value_or(one->left()), one->left()) : left;
        }
        return left;
    }

    /// The end of its input ends a logger that has nothing to write, and one that stands in for
    /// another which may work by now.
    void rest() {
        const bool is_idle = rest_ && rest_->passed();
        const bool is_relieved = instead_ && instead_->passed();
        if (!pipe_ || !backlog_.empty() || !(is_idle || is_relieved)) {
            return;
        }
        pipe_ = sys::UniqueFd();
        instead_ = is_relieved ? std::nullopt : instead_;
    }

    void reap() {
        while (const auto event = signals_.next()) {
            if (event->number == supervisor_is_dead) {
                end_input(); // the next logger reads on from here
            }
        }
        while (const auto reaped = sys::reap()) {
            if (child_ && reaped->pid == *child_) {
                child_.reset();
                take_back();
                count_early_ends();
                pipe_ = sys::UniqueFd();
            }
        }
    }

    /// What is in the pipe of a logger that has ended: the next one gets it.
    void take_back() {
        std::string unread;
        std::array<char, std::size_t{1} << 12U> chunk{};
        pollfd event{unread_.get(), POLLIN, 0};
        while (::poll(&event, 1, 0) == 1 && (event.revents & POLLIN) != 0) {
            const auto count = ::read(unread_.get(), chunk.data(), chunk.size());
            if (count <= 0) {
                break;
            }
            unread.append(chunk.data(), static_cast<std::size_t>(count));
        }
        backlog_.give_back(unread);
        unread_.reset();
    }

    void count_early_ends() {
        early_ends_ = !pipe_ || next_start_.passed() ? 0 : early_ends_ + 1;
        if (early_ends_ == limits_.early_ends && !instead_ && !loggers_.otherwise.empty()) {
            if (!std::exchange(told_, true)) {
                sys::log_error("cannot keep a log: " + shell_join(loggers_.first) +
                               " ends at once, again and again; as long as it does, what is logged "
                               "goes to the container's log only");
            }
            instead_.emplace(limits_.retry);
        }
    }

    void write_waiting() {
        while (pipe_ && !backlog_.empty()) {
            const auto written =
                ::write(pipe_.get(), backlog_.bytes().data(), backlog_.bytes().size());
            if (written <= 0) {
                return;
            }
            backlog_.written(static_cast<std::size_t>(written));
        }
    }

    void read_input() {
        if (!input_ready_ || input_ended_) {
            return;
        }
        std::array<char, std::size_t{1} << 16U> chunk{};
        const auto count = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (count > 0) {
            rest_ = limits_.rest_after ? std::optional<sys::Deadline>(*limits_.rest_after)
                                       : std::nullopt;
            backlog_.add({chunk.data(), static_cast<std::size_t>(count)});
            write_waiting();
        } else if (count == 0 || (errno != EINTR && errno != EAGAIN)) {
            end_input();
        }
    }

    void end_input() {
        input_ended_ = true;
        end_.emplace(limits_.patience);
    }

    /// The end of its input ends the logger, unless it cannot write what it has.
    void finish() {
        pipe_ = sys::UniqueFd();
        const sys::Deadline end(limits_.patience);
        while (child_ && !end.passed()) {
            pollfd event{signals_.fd(), POLLIN, 0};
            (void)::poll(&event, 1, static_cast<int>(end.left().count() + 1));
            reap();
        }
        if (child_) {
            sys::send_signal(*child_, SIGKILL);
        }
    }

    Loggers loggers_;
    int early_ends_ = 0;
    bool told_ = false;
    std::optional<sys::Deadline> rest_{};    ///< nothing has come since it was set
    std::optional<sys::Deadline> instead_{}; ///< the other logger is at work until then
    sys::SignalEvents& signals_;
    const RelayLimits& limits_;
    Backlog backlog_;
    sys::UniqueFd pipe_;   ///< none while there is no logger, or it has been told to end
    sys::UniqueFd unread_; ///< the logger's end of the pipe
    std::optional<Pid> child_;
    sys::Deadline next_start_{milliseconds{0}};
    std::optional<sys::Deadline> end_;
    bool input_ended_ = false;
    bool input_ready_ = false;
};

} // namespace

Loggers loggers_of_slot(sys::Effects& effects, const std::string& directory,
                        const std::string& profile) {
    const std::string named = "p" + profile + ":";
    // -p: it stays through the SIGTERM that a container's init sends to everything. -b: what it
    // cannot write it does not keep in memory. Action 1 is the container's log.
    Argv copy = {"s6-log", "-p", "-b", named, "1"};
    auto made = effects.make_path(directory);
    const auto log = made ? sys::Directory::open(directory) : std::unexpected(made.error());
    if (!log) {
        sys::log_error(Error(log.error()).within("cannot keep a log"));
        return {std::move(copy), {}};
    }
    // A lock that another user left cannot be opened. One that can be is left alone: it may be
    // held.
    if (log->has("lock") && !log->may_write("lock")) {
        (void)effects.rename(*log, "lock", *log, "lock.unusable");
    }
    return {{"s6-log", "-p", "-b", "n10", "s1000000", named, "1", "p", "T", directory},
            std::move(copy)};
}

Result<void> relay_log(Loggers loggers, sys::SignalEvents& signals, const RelayLimits& limits) {
    return Relay(std::move(loggers), signals, limits).run();
}

} // namespace gw::run
