#include "operate/holder.hpp"

#include "store/holder.hpp"
#include "sys/child.hpp"
#include "sys/processes.hpp"

#include <csignal>

namespace gw::operate {

std::optional<ProcessIdentity> holder_outside(const Operator& by, const sys::Directory& profile,
                                              const std::optional<ProcessIdentity>& supervised) {
    const auto holder = store::find_holder(profile);
    if (!holder || !holder->process || (supervised && supervised->pid == holder->process->pid)) {
        return std::nullopt;
    }
    const auto info = sys::process_info(holder->process->pid);
    const bool of_the_user = info && info->uid == store::account_of_home(by.home).uid;
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
