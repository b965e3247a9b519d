#include "base/text.hpp"
#include "cli/after_exit.hpp"
#include "cli/own_profile.hpp"
#include "cli/verbs.hpp"
#include "store/marker_file.hpp"
#include "store/park.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/system_effects.hpp"

#include <charconv>
#include <csignal>
#include <cstring>
#include <fmt/format.h>

namespace gw::cli {

namespace {

/// ExecCondition: anything from 1 to 254 skips the start without a failure (systemd.service(5)).
constexpr int skip_start = 1;

Result<sys::Directory> profile_directory(const Globals& globals) {
    const auto workplace = open_workplace(globals);
    const auto name = own_profile(globals);
    if (!workplace || !name) {
        return std::unexpected(workplace ? name.error() : workplace.error());
    }
    return workplace->home.require(*name);
}

int run_unit_start(const Globals& globals) {
    const auto profile = profile_directory(globals);
    if (!profile) {
        return report_error(profile.error());
    }
    if (const auto parked = store::read_park(*profile)) {
        sys::log_error("parked since " + parked->since + ": " + printable(parked->reason));
        sys::log_error("next: gatewayctl start takes it out");
        return skip_start;
    }
    return exit_status::done;
}

/// $EXIT_CODE and $EXIT_STATUS of ExecStopPost: `exited 78`, `killed KILL`, `dumped SEGV`; both are
/// empty when nothing was started (systemd.exec(5)).
std::optional<ExitWords> parse_exit(const std::vector<std::string>& words) {
    if (words.size() != 2) {
        return std::nullopt;
    }
    if (words[0] != "exited") {
        for (int number = 1; number < NSIG; ++number) {
            const char* name = ::sigabbrev_np(number);
            if (name != nullptr && words[1] == name) {
                return ExitWords{0, number};
            }
        }
        return std::nullopt;
    }
    ExitWords exit;
    const char* end = words[1].data() + words[1].size();
    const auto parsed = std::from_chars(words[1].data(), end, exit.code);
    return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(exit) : std::nullopt;
}

int run_unit_exit(const Globals& globals, const std::vector<std::string>& words) {
    const auto exit = parse_exit(words);
    if (!exit) {
        return exit_status::done;
    }
    const auto next = after_exit(globals, *exit, Pausing::by_supervisor);
    return next ? exit_status::done : report_error(next.error());
}

/// Leaves a marker that is there already: it says more ("restart"), and was written first.
Result<void> mark_stop(const Globals& globals, Pid pid) {
    const auto directory = profile_directory(globals);
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
    sys::SystemEffects effects;
    return store::write_marker(effects, *directory, MarkerKind::planned_stop,
                               {reader->self, "systemctl", "stop", {}});
}

int run_unit_stop(const Globals& globals, int pid) {
    const auto scope = supervise::scope_of(load_settings(globals));
    if (!scope) {
        return report_error(scope.error());
    }
    if (const auto down = supervise::goes_down(*scope); down && *down) {
        sys::log_debug("the machine goes down: nobody asked to stop this gateway");
        return exit_status::done;
    }
    const auto done = mark_stop(globals, Pid{pid});
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot mark the stop as planned"));
}

} // namespace

void add_unit_hooks(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* start =
        app.add_subcommand("unit-start", "ExecCondition of a unit: not when it is parked");
    auto* stop = app.add_subcommand("unit-stop", "ExecStop of a unit: marks the stop as planned, "
                                                 "unless the machine goes down");
    auto* exit = app.add_subcommand("unit-exit", "ExecStopPost of a unit: counts the deaths");
    for (auto* verb : {start, stop, exit}) {
        verb->group(""); // not for people
    }
    auto pid = std::make_shared<int>(0);
    auto words = std::make_shared<std::vector<std::string>>();
    stop->add_option("--pid", *pid, "The gateway ($MAINPID)")->required();
    exit->add_option("words", *words, "$EXIT_CODE $EXIT_STATUS");
    start->callback([&] { chosen = [&globals] { return run_unit_start(globals); }; });
    stop->callback([&globals, &chosen, pid] {
        chosen = [&globals, pid] { return run_unit_stop(globals, *pid); };
    });
    exit->callback([&globals, &chosen, words] {
        chosen = [&globals, words] { return run_unit_exit(globals, *words); };
    });
}

} // namespace gw::cli
