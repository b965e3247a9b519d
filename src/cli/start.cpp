#include "cli/operate.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

void add_start(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "start", "Start gateways; a real profile without a slot is registered on the way");
    auto options = std::make_shared<OperateOptions>();
    add_operate_options(*verb, *options);
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] {
            return operate(globals, *options,
                           {"start", "started", operate::begin_start, any_profile});
        };
    });
}

} // namespace gw::cli
