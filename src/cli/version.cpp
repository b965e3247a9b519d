#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

void add_version(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("version", "Print the version");
    verb->callback([&] {
        chosen = [&globals] {
            const bool printed =
                globals.json ? print_json({{"version", 1}, {"gatewayctl", GATEWAYCTL_VERSION}})
                             : print(std::string("gatewayctl ") + GATEWAYCTL_VERSION + "\n");
            return printed ? exit_status::done : exit_status::some_failed;
        };
    });
}

} // namespace gw::cli
