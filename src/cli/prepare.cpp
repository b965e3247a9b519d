#include "supervise/s6/prepare.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "operate/privilege.hpp"
#include "sys/accounts.hpp"

namespace gw::cli {

int prepare(Context& context, const Words& /*words*/, sys::Effects& effects) {
    if (sys::effective_uid() != 0) {
        return exit_status::done; // in a container that is not root's they are the user's already
    }
    const auto account = operate::settle_runner(context.surroundings());
    if (!account) {
        return report_error(account.error());
    }
    // The image's services are in the init's scandir, wherever the gateways live.
    const auto& told = context.surroundings();
    const auto done = supervise::open_static_services(
        effects, told.tree ? default_scandir(TreeKind::shared) : told.scandir, *account);
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot open the static services"));
}

} // namespace gw::cli
