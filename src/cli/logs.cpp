#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "sys/accounts.hpp"
#include "sys/command.hpp"

namespace gw::cli {

int logs(Context& context, const Words& words) {
    const auto targets = named_targets(context, words.values("NAME"));
    if (!targets) {
        return report_error(targets.error());
    }
    const auto manager = context.manager();
    if (!manager) {
        return report_error(manager.error());
    }
    supervise::ServiceManager::LogRequest request;
    request.follow = words.has("--follow");
    request.lines = words.integer("--lines").value_or(request.lines);
    const auto argv = (*manager)->log_command(targets->front(), request);
    const sys::RootAgain journal_of_the_system_is_roots;
    return report_error(argv ? sys::replace_self(*argv) : argv.error());
}

} // namespace gw::cli
