#include "cli/verbs.hpp"
#include "service/systemctl.hpp"
#include "store/marker_file.hpp"

namespace gw::cli {

namespace {

/// Leaves a marker that is there already: it says more ("restart"), and was written first.
Result<void> mark_stop(const Globals& globals, Pid pid) {
    const auto workplace = open_workplace(globals);
    if (!workplace) {
        return std::unexpected(workplace.error());
    }
    const auto name = ProfileName::parse(globals.profile.value_or("default"));
    const auto directory = name ? workplace->home.require(*name)
                                : Result<sys::Directory>(std::unexpected(name.error()));
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto reader = store::marker_reader(pid, *directory);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    const auto present = store::probe_marker(*directory, MarkerKind::planned_stop, *reader);
    if (present && *present && (*present)->verdict == MarkerVerdict::names_me) {
        return {};
    }
    sys::Changes changes;
    return store::write_marker(changes, *directory, MarkerKind::planned_stop,
                               {reader->self, "systemctl", "stop", {}});
}

int run_unit_stop(const Globals& globals, int pid) {
    const auto scope = service::scope_of(load_settings(globals));
    if (!scope) {
        return report_error(scope.error());
    }
    if (const auto down = service::goes_down(*scope); down && *down) {
        sys::log_debug("the machine goes down: nobody asked to stop this gateway");
        return exit_status::done;
    }
    const auto done = mark_stop(globals, Pid{pid});
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot mark the stop as planned"));
}

} // namespace

void add_unit_stop(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "unit-stop", "What ExecStop of an installed unit runs: marks the stop as planned, unless "
                     "the machine goes down");
    verb->group("");
    auto pid = std::make_shared<int>(0);
    verb->add_option("--pid", *pid, "The gateway ($MAINPID)")->required();
    verb->callback([&globals, &chosen, pid] {
        chosen = [&globals, pid] { return run_unit_stop(globals, *pid); };
    });
}

} // namespace gw::cli
