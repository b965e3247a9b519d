#include "cli/operate.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

void add_stop(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("stop", "Stop gateways, and see that they are gone");
    auto options = std::make_shared<OperateOptions>();
    add_operate_options(*verb, *options);
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] {
            return operate(globals, *options,
                           {"stop", "stopped", operate::begin_stop, any_profile});
        };
    });
}

} // namespace gw::cli
