#include "operate/holder.hpp"

#include "rules/operation.hpp"
#include "store/holder.hpp"
#include "sys/accounts.hpp"
#include "sys/child.hpp"
#include "sys/processes.hpp"

#include <csignal>
#include <fmt/format.h>

namespace gw::operate {

namespace {

/// The process itself, or one that it has started, however many stand between the two.
bool is_below(const ProcessIdentity& process, const ProcessIdentity& ancestor) {
    for (auto pid = process.pid; pid.value > 1;) {
        if (pid == ancestor.pid) {
            return true;
        }
        const auto info = sys::process_info(pid);
        pid = info ? info->parent : Pid{0};
    }
    return false;
}

bool is_of(const ProcessIdentity& process, std::uint32_t uid) {
    const auto info = sys::process_info(process.pid);
    return info && info->uid == uid;
}

} // namespace

std::optional<ProcessIdentity> holder_outside(const store::Home& home,
                                              const sys::Directory& profile,
                                              const ObservedService& service) {
    const auto holder = store::find_holder(profile);
    const auto process = holder && holder->process ? holder->process : service.left_alive;
    if (!process || (service.process && is_below(*process, *service.process))) {
        return std::nullopt;
    }
    return is_of(*process, store::account_of_home(home).uid) ? process : std::nullopt;
}

void tell_to_end(const ProcessIdentity& holder) {
    sys::send_signal(holder, SIGTERM);
    sys::send_signal(holder, SIGCONT);
}

void kill_holder(const ProcessIdentity& holder) {
    sys::send_signal(holder, SIGKILL);
}

Result<void> end_earlier_life(const ProcessIdentity& earlier, std::chrono::milliseconds limit) {
    if (!is_of(earlier, sys::effective_uid())) {
        return {};
    }
    tell_to_end(earlier);
    if (sys::wait_until_dead(earlier, limit)) {
        return {};
    }
    kill_holder(earlier);
    return sys::wait_until_dead(earlier, kill_time)
               ? Result<void>{}
               : fail(Errc::timed_out,
                      fmt::format("pid {} does not end, also of SIGKILL", earlier.pid.value));
}

} // namespace gw::operate
