/// Child processes of `gatewayctl run`: starting one untouched, signals as events, orphans, and the
/// whole tree below this process.
#pragma once

#include "base/argv.hpp"
#include "base/error.hpp"
#include "base/process.hpp"
#include "rules/run_signal.hpp"
#include "sys/unique_fd.hpp"

#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace gw::sys {

/// A set of signals as the kernel has it, bit n - 1 for signal n: that of the C library leaves out
/// the two that it keeps for its threads, and they end a process like any other.
using SignalMask = std::uint64_t;

/// Every signal that can be caught, but those of job control, as something to poll for. They are
/// blocked in this process from then on; ignored ones stay ignored (nohup(1)), and `start_child`
/// gives the mask from before to the command.
class SignalEvents {
  public:
    static Result<SignalEvents> open();

    [[nodiscard]] int fd() const { return fd_.get(); }
    /// The mask from before.
    void give_back_mask() const;
    /// SIGCHLD was ignored by the parent; it is default here, and ignored again for the command.
    [[nodiscard]] bool child_signal_was_ignored() const { return child_signal_was_ignored_; }

    struct Event {
        int number = 0;
        SignalOrigin origin = SignalOrigin::process;
    };
    /// The next pending signal, without waiting.
    std::optional<Event> next();

  private:
    SignalEvents(UniqueFd fd, SignalMask mask_before, bool child_signal_was_ignored)
        : fd_(std::move(fd)), mask_before_(mask_before),
          child_signal_was_ignored_(child_signal_was_ignored) {}
    UniqueFd fd_;
    SignalMask mask_before_;
    bool child_signal_was_ignored_;
};

/// What the command gets besides what this process has.
struct ChildSetup {
    /// Descriptor in this process, number in the child.
    std::optional<std::pair<int, int>> descriptor;
    /// Variables that differ from this process's own.
    std::vector<std::pair<std::string, std::string>> environment{};
    /// What it gets when this process dies: a SIGKILL of the front must not leave a gateway that
    /// nobody watches beside the next one.
    int parent_death_signal = SIGKILL;
};

/// A pipe to a command; the end to write to does not wait.
struct PipeToChild {
    UniqueFd read_end;
    UniqueFd write_end;
};
Result<PipeToChild> make_pipe_to_child();

/// fork and exec. Directory, umask, terminal, environment, ignored signals and the signal mask from
/// before `SignalEvents` are the command's own. Returns when exec(3) has succeeded. An error has
/// Errc::not_found or Errc::not_permitted for the cases in which a shell answers 127 and 126.
Result<Pid> start_child(const Argv& argv, const SignalEvents& signals, const ChildSetup& setup);

/// Takes the program's own code and constants out of this process's memory; what is needed comes
/// back from the page cache. A process that has started up and now waits needs a tenth of them.
void drop_idle_code();

/// This process becomes the parent of its descendants' orphans (PR_SET_CHILD_SUBREAPER).
Result<void> adopt_orphans();

/// The kernel sends this process the signal when its parent dies (PR_SET_PDEATHSIG). An
/// s6-supervise that was killed is replaced after a second, and what it ran would be there twice.
void hear_of_parents_death(int number);

struct Reaped {
    Pid pid;
    ChildEnd end;
};
/// One dead child, without waiting.
std::optional<Reaped> reap();

/// Whether the process has a handler for the signal, or blocks it to read it from a descriptor.
bool handles_signal(Pid pid, int number);

/// One signal to one child of ours (its pid cannot be reused before we have reaped it).
void send_signal(Pid child, int number);

/// SIGCONT to a process that is stopped (by SIGSTOP, a debugger, its terminal): it hears of no
/// other signal before.
void continue_stopped(const ProcessIdentity& process);

/// Every live descendant of this process.
std::vector<ProcessIdentity> descendants();

/// One signal to exactly this process, through a pidfd where the kernel has it.
void send_signal(const ProcessIdentity& process, int number);

} // namespace gw::sys
