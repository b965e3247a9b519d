#include "cli/operate.hpp"
#include "cli/verbs.hpp"
#include "sys/command.hpp"

namespace gw::cli {

namespace {

struct LogsOptions {
    std::vector<std::string> name;
    supervise::ServiceManager::LogRequest request;
};

int run_logs(const Globals& globals, const LogsOptions& options) {
    const auto targets = named_targets(globals, options.name);
    if (!targets) {
        return report_error(targets.error());
    }
    const auto station = Station::open(globals, Access::look);
    if (!station) {
        return report_error(station.error());
    }
    const auto argv = (*station)->manager().log_command(targets->front(), options.request);
    return report_error(argv ? sys::replace_self(*argv) : argv.error());
}

} // namespace

void add_logs(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("logs", "Show the log of a gateway");
    auto options = std::make_shared<LogsOptions>();
    constexpr int most_lines = 1'000'000;
    verb->add_option("NAME", options->name, "The profile")->type_name("")->expected(0, 1);
    verb->add_flag("-f,--follow", options->request.follow, "Go on as it grows");
    verb->add_option("-n,--lines", options->request.lines, "How many lines")
        ->type_name("N")
        ->check(CLI::Range(0, most_lines))
        ->capture_default_str();
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] { return run_logs(globals, *options); };
    });
}

} // namespace gw::cli
