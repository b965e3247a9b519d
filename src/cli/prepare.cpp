#include "supervise/s6/prepare.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int prepare(Context& context, const Words& /*words*/, sys::Effects& effects) {
    const auto home = context.home();
    const auto account = home ? store::account_of_home(**home) : std::unexpected(home.error());
    if (!account) {
        return report_error(account.error());
    }
    const auto done =
        supervise::open_static_services(effects, context.settings().scandir, *account);
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot open the static services"));
}

} // namespace gw::cli
