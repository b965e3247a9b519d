#include "tree/front.hpp"

#include "rules/tree_signal.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"
#include "sys/readiness.hpp"
#include "sys/unique_fd.hpp"
#include "sys/waiting.hpp"

#include <array>
#include <csignal>
#include <fmt/format.h>
#include <poll.h>

namespace gw::tree {

namespace {

constexpr std::chrono::seconds pause_before_another_try{1};

/// One s6-svscan from its start to its end.
class Served {
  public:
    Served(sys::SignalEvents& signals, const Front& front) : signals_(signals), front_(front) {}

    Result<void> start(const Argv& command) {
        auto pipe = sys::make_pipe();
        if (!pipe) {
            return std::unexpected(pipe.error());
        }
        const auto pid =
            sys::start_child(command, signals_,
                             {.descriptor = std::pair(pipe->write_end.get(), front_.ready_fd),
                              .environment = {},
                              .parent_death_signal = SIGTERM});
        if (!pid) {
            return std::unexpected(pid.error());
        }
        svscan_ = *pid;
        ready_ = std::move(pipe->read_end);
        return {};
    }

    /// Its end; nullopt when it did not end in time.
    std::optional<ChildEnd> wait() {
        while (!end_ && !(deadline_ && deadline_->passed())) {
            std::array<pollfd, 2> events = {pollfd{signals_.fd(), POLLIN, 0},
                                            pollfd{ready_ ? ready_.get() : -1, POLLIN, 0}};
            const int left = deadline_ ? static_cast<int>(deadline_->left().count() + 1) : -1;
            (void)::poll(events.data(), events.size(), left);
            if (events[1].revents != 0) {
                hear_of_readiness();
            }
            obey_signals();
            reap();
        }
        return end_;
    }

    [[nodiscard]] bool was_ready() const { return was_ready_; }
    [[nodiscard]] bool was_told_to_end() const { return deadline_.has_value(); }
    void kill() const { sys::send_signal(svscan_, SIGKILL); }

  private:
    void hear_of_readiness() {
        const auto news = sys::read_notification(ready_);
        if (news == sys::PipeNews::newline) {
            was_ready_ = true;
            sys::log_info("the tree is up");
            if (front_.supervisor) {
                sys::notify_supervisor(*front_.supervisor, "READY=1");
            }
        }
        if (news != sys::PipeNews::nothing) {
            ready_.reset();
        }
    }

    void obey_signals() {
        while (const auto event = signals_.next()) {
            const auto meaning = tree_signal(event->number);
            if (meaning == TreeSignal::stop && !deadline_) {
                deadline_.emplace(front_.kill_timeout);
                sys::send_signal(svscan_, SIGTERM);
            } else if (meaning == TreeSignal::rescan) {
                sys::send_signal(svscan_, SIGHUP);
            }
        }
    }

    void reap() {
        while (const auto reaped = sys::reap()) {
            if (reaped->pid == svscan_) {
                end_ = reaped->end;
            }
        }
    }

    sys::SignalEvents& signals_;
    const Front& front_;
    Pid svscan_{};
    sys::UniqueFd ready_;
    bool was_ready_ = false;
    std::optional<sys::Deadline> deadline_; ///< once it was told to end
    std::optional<ChildEnd> end_;
};

/// A stop that came while nothing was served yet.
bool stop_is_pending(sys::SignalEvents& signals) {
    bool stops = false;
    while (const auto event = signals.next()) {
        stops = stops || tree_signal(event->number) == TreeSignal::stop;
    }
    return stops;
}

Result<void> failed_to_end(const Served& served, seconds limit) {
    served.kill();
    return fail(
        Errc::timed_out,
        fmt::format("the tree has not ended in {} s, and its s6-svscan was killed", limit.count()));
}

} // namespace

Result<void> stand_before_tree(sys::SignalEvents& signals, const Front& front) {
    if (auto adopted = sys::adopt_orphans(); !adopted) {
        return adopted;
    }
    for (bool was_up = false;;) {
        const auto command = front.prepare();
        if (stop_is_pending(signals)) {
            return {};
        }
        Served served(signals, front);
        auto started = command ? served.start(*command) : std::unexpected(command.error());
        if (!started && !was_up) {
            return started;
        }
        if (!started) {
            sys::log_error(started.error());
            sys::pause(pause_before_another_try);
            continue;
        }
        const auto end = served.wait();
        if (!end) {
            return failed_to_end(served, front.kill_timeout);
        }
        if (served.was_told_to_end() ||
            (served.was_ready() && end->kind == ChildEnd::Kind::exited)) {
            return {};
        }
        if (!served.was_ready() && !was_up) {
            return fail(Errc::command_failed, "s6-svscan has ended before it listened");
        }
        was_up = true;
        sys::log_error("s6-svscan has ended by itself: the tree is started again");
        sys::pause(pause_before_another_try);
    }
}

} // namespace gw::tree
