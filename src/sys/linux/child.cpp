#include "sys/child.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"
#include "sys/errno_error.hpp"

#include <algorithm>
#include <cerrno>
#include <link.h>
#include <span>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>

namespace gw::sys {

namespace {

constexpr int last_signal = 64;

/// All that means something to this process. What the kernel raises for a fault of its own ends it
/// all the same.
SignalMask wanted_signals() {
    SignalMask wanted = 0;
    for (int number = 1; number <= last_signal; ++number) {
        if (meaning_of(number, SignalOrigin::process) != SignalMeaning::job_control) {
            wanted |= SignalMask{1} << static_cast<unsigned>(number - 1);
        }
    }
    return wanted;
}

/// sigprocmask(2), with the kernel's own set.
int change_mask(int how, SignalMask mask, SignalMask* before) {
    return static_cast<int>(::syscall(SYS_rt_sigprocmask, how, &mask, before, sizeof mask));
}

} // namespace

Result<SignalEvents> SignalEvents::open() {
    const SignalMask wanted = wanted_signals();
    SignalMask before = 0;
    struct sigaction child_action{};
    if (change_mask(SIG_BLOCK, wanted, &before) != 0 ||
        ::sigaction(SIGCHLD, nullptr, &child_action) != 0) {
        return fail_errno(errno, "cannot block signals");
    }
    const bool ignored = child_action.sa_handler == SIG_IGN; // NOLINT: the kernel's own cast
    if (ignored) {
        // With SIGCHLD ignored the kernel throws the exit codes away.
        (void)std::signal(SIGCHLD, SIG_DFL);
    }
    UniqueFd fd(static_cast<int>(
        ::syscall(SYS_signalfd4, -1, &wanted, sizeof wanted, SFD_CLOEXEC | SFD_NONBLOCK)));
    if (!fd) {
        return fail_errno(errno, "cannot open a signal descriptor");
    }
    return SignalEvents(std::move(fd), before, ignored);
}

std::optional<SignalEvents::Event> SignalEvents::next() {
    signalfd_siginfo info{};
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) {
        return std::nullopt;
    }
    return Event{static_cast<int>(info.ssi_signo),
                 info.ssi_code == SI_KERNEL ? SignalOrigin::kernel : SignalOrigin::process};
}

void SignalEvents::give_back_mask() const {
    (void)change_mask(SIG_SETMASK, mask_before_, nullptr);
}

namespace {

/// Drops the segments of one loaded object that nobody can have written to.
int drop_segments(dl_phdr_info* info, std::size_t /*size*/, void* /*data*/) {
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (const auto& segment : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
        if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) {
            continue;
        }
        const auto begin = (info->dlpi_addr + segment.p_vaddr) / page * page;
        const auto end = (info->dlpi_addr + segment.p_vaddr + segment.p_memsz) / page * page;
        (void)::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED); // NOLINT
    }
    return 0;
}

} // namespace

void drop_idle_code() {
    ::dl_iterate_phdr(drop_segments, nullptr);
}

Result<void> adopt_orphans() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
        return fail_errno(errno, "cannot adopt orphans");
    }
    return {};
}

void hear_of_parents_death(int number) {
    (void)::prctl(PR_SET_PDEATHSIG, number);
}

namespace {

/// The hexadecimal mask behind a key of /proc/<pid>/status.
std::uint64_t mask_of(std::string_view status, std::string_view key) {
    const auto at = status.find(key);
    if (at == std::string_view::npos) {
        return 0;
    }
    status.remove_prefix(at + key.size());
    status.remove_prefix(std::min(status.find_first_not_of(" \t"), status.size()));
    constexpr int hexadecimal = 16;
    return leading_number<std::uint64_t>(status, hexadecimal).value_or(0);
}

} // namespace

bool handles_signal(Pid pid, int number) {
    constexpr std::size_t limit = std::size_t{1} << 14U;
    const auto directory = Directory::open("/proc/" + std::to_string(pid.value));
    if (!directory) {
        return false;
    }
    const auto status = read_file(*directory, "status", limit).bytes;
    const auto bit = std::uint64_t{1} << static_cast<unsigned>(number - 1);
    return ((mask_of(status, "\nSigCgt:") | mask_of(status, "\nSigBlk:")) & bit) != 0;
}

} // namespace gw::sys
