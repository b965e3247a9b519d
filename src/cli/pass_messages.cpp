#include "cli/pass_messages.hpp"

#include "cli/output.hpp"
#include "reconcile/report.hpp"

namespace gw::cli {

void say_messages(Context& context, const reconcile::Pass& pass) {
    for (const auto& line : reconcile::warning_lines(pass.plan)) {
        context.warn_once(line);
    }
    for (std::size_t i = 0; i < pass.report.profiles.size(); ++i) {
        const auto& outcome = pass.report.profiles[i];
        const auto name = pass.plan.profiles[i].name.str();
        for (const auto& error : outcome.errors) {
            report_error(Error(error).within(name));
        }
        if (outcome.overtaken) {
            context.warn_once(name + ": something else was asked for while this pass was under "
                                     "way; its slot is left to that");
        }
    }
    for (const auto& error : pass.report.errors) {
        report_error(error);
    }
}

} // namespace gw::cli
