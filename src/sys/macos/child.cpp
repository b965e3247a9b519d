#include "sys/child.hpp"

#include "sys/errno_error.hpp"
#include "sys/macos/pending_signal.hpp"
#include "sys/macos/process_table.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/event.h>

namespace gw::sys {

namespace {

/// Who has sent a signal is not told: a Ctrl-C counts as the SIGINT of a process.
constexpr auto origin = SignalOrigin::process;

constexpr SignalMask bit_of(int number) {
    return SignalMask{1} << static_cast<unsigned>(number - 1);
}

/// Its bits are those of SignalMask.
sigset_t set_of(SignalMask mask) {
    return static_cast<sigset_t>(mask);
}

SignalMask wanted_signals() {
    SignalMask wanted = 0;
    for (int number = 1; number < NSIG; ++number) {
        if (meaning_of(number, origin) != SignalMeaning::job_control) {
            wanted |= bit_of(number);
        }
    }
    return wanted;
}

/// Never called, because its signals are blocked: what has a handler becomes pending, and SIGCHLD
/// and others are else thrown away.
void stay_pending(int /*number*/) {}

/// False for a signal that is ignored, which it stays (nohup(1)).
bool is_kept(int number) {
    struct sigaction action{};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN) { // NOLINT
        return false;
    }
    if (action.sa_handler == SIG_DFL) { // NOLINT: the kernel's own cast
        (void)std::signal(number, stay_pending);
    }
    return true;
}

/// The queue becomes readable when one of them is sent.
Result<void> listen(int queue, SignalMask signals) {
    for (int number = 1; number < NSIG; ++number) {
        struct kevent change{};
        EV_SET(&change, number, EVFILT_SIGNAL, EV_ADD, 0, 0, nullptr);
        if ((signals & bit_of(number)) != 0 && number != SIGKILL && number != SIGSTOP &&
            is_kept(number) && ::kevent(queue, &change, 1, nullptr, 0, nullptr) != 0) {
            return fail_errno(errno, "cannot wait for signals");
        }
    }
    return {};
}

void empty(int queue) {
    struct kevent news{};
    const timespec at_once{};
    while (::kevent(queue, nullptr, 0, &news, 1, &at_once) > 0) {
    }
}

} // namespace

Result<SignalEvents> SignalEvents::open() {
    const sigset_t wanted = set_of(wanted_signals());
    sigset_t before{};
    struct sigaction child_action{};
    if (::sigprocmask(SIG_BLOCK, &wanted, &before) != 0 ||
        ::sigaction(SIGCHLD, nullptr, &child_action) != 0) {
        return fail_errno(errno, "cannot block signals");
    }
    const bool ignored = child_action.sa_handler == SIG_IGN; // NOLINT: the kernel's own cast
    if (ignored) {
        // With SIGCHLD ignored the kernel throws the exit codes away.
        (void)std::signal(SIGCHLD, SIG_DFL);
    }
    UniqueFd queue(::kqueue());
    if (!queue || ::fcntl(queue.get(), F_SETFD, FD_CLOEXEC) != 0) {
        return fail_errno(errno, "cannot open a queue for signals");
    }
    if (auto listens = listen(queue.get(), wanted_signals()); !listens) {
        return std::unexpected(std::move(listens.error()));
    }
    return SignalEvents(std::move(queue), before, ignored);
}

std::optional<SignalEvents::Event> SignalEvents::next() {
    empty(fd_.get()); // it only wakes: a signal from before it was there is pending all the same
    const auto number = take_pending(set_of(wanted_signals()));
    return number ? std::optional(Event{*number, origin}) : std::nullopt;
}

void SignalEvents::give_back_mask() const {
    const sigset_t mask = set_of(mask_before_);
    (void)::sigprocmask(SIG_SETMASK, &mask, nullptr);
}

/// The kernel takes clean pages by itself when it needs them.
void drop_idle_code() {}

/// There is nobody but launchd to adopt an orphan. It ends what is left of a job's process group
/// when the job has ended (AbandonProcessGroup of launchd.plist(5)).
Result<void> adopt_orphans() {
    return {};
}

/// The parent is launchd, which does not die before us.
void hear_of_parents_death(int /*number*/) {}

bool handles_signal(Pid pid, int number) {
    const auto entry = process_entry(pid);
    return entry &&
           ((entry->kp_proc.p_sigcatch | entry->kp_proc.p_sigmask) & set_of(bit_of(number))) != 0;
}

} // namespace gw::sys
