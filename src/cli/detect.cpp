#include "supervise/detect.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

namespace {

int run_detect(const Globals& globals) {
    const auto kind = supervise::manager_kind(load_settings(globals));
    if (!kind) {
        return report_error(kind.error());
    }
    const std::string word(supervise::to_string(*kind));
    const bool printed =
        globals.json ? print_json({{"version", 1}, {"manager", word}}) : print(word + "\n");
    return printed ? exit_status::done : exit_status::some_failed;
}

} // namespace

void add_detect(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("detect", "Say which supervisor is in charge");
    verb->callback([&] { chosen = [&globals] { return run_detect(globals); }; });
}

} // namespace gw::cli
