#include "operate/holder.hpp"

#include "store/holder.hpp"
#include "sys/child.hpp"
#include "sys/processes.hpp"

#include <csignal>

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

} // namespace

std::optional<ProcessIdentity> holder_outside(const store::Home& home,
                                              const sys::Directory& profile,
                                              const std::optional<ProcessIdentity>& supervised) {
    const auto holder = store::find_holder(profile);
    if (!holder || !holder->process || (supervised && is_below(*holder->process, *supervised))) {
        return std::nullopt;
    }
    const auto info = sys::process_info(holder->process->pid);
    const bool of_the_user = info && info->uid == store::account_of_home(home).uid;
    return of_the_user ? holder->process : std::nullopt;
}

void tell_to_end(const ProcessIdentity& holder) {
    sys::send_signal(holder, SIGTERM);
    sys::send_signal(holder, SIGCONT);
}

void kill_holder(const ProcessIdentity& holder) {
    sys::send_signal(holder, SIGKILL);
}

} // namespace gw::operate
