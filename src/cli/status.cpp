#include "inspect/status.hpp"
#include "base/text.hpp"
#include "cli/operate.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "sys/clock.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <thread>
#include <unistd.h>

namespace gw::cli {

namespace {

using inspect::GatewayStatus;

struct StatusOptions {
    std::vector<std::string> names;
    bool watch = false;
};

template <class T> Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

std::string utc_text(std::int64_t since) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(since)));
}

/// 42 s, 5 min, 3 h, 12 d: one unit, the largest that fits.
std::string age_text(std::int64_t since) {
    const auto now =
        std::chrono::duration_cast<seconds>(sys::now().wall.time_since_epoch()).count();
    const auto age = std::max<std::int64_t>(now - since, 0);
    constexpr std::int64_t minute = 60;
    constexpr std::int64_t hour = 60 * minute;
    constexpr std::int64_t day = 24 * hour;
    return age < minute ? fmt::format("{} s", age)
           : age < hour ? fmt::format("{} min", age / minute)
           : age < day  ? fmt::format("{} h", age / hour)
                        : fmt::format("{} d", age / day);
}

std::string exit_text(const std::optional<LastExit>& exit) {
    if (!exit) {
        return "-";
    }
    return exit->signal ? fmt::format("signal {}", *exit->signal)
                        : fmt::format("code {}", exit->code.value_or(0));
}

std::string intent_text(const GatewayStatus& status) {
    const auto word = store::intent_word(status.intent.resolved);
    return word ? printable(*word) : "-";
}

/// "stopped, generation 3, by gatewayctl stop (uid 10000) at 2026-…: operator"
std::string intent_story(const GatewayStatus& status) {
    const auto& file = status.intent.intent_file;
    std::string text = intent_text(status);
    if (file.answer == FileAnswer::ok) {
        text += fmt::format(", generation {}, by {} (uid {}) at {}: {}", file.generation,
                            printable(file.program), file.uid, printable(file.changed_at),
                            printable(file.reason));
    }
    return text;
}

Json intent_json(const GatewayStatus& status) {
    const auto& file = status.intent.intent_file;
    const bool known = file.answer == FileAnswer::ok;
    const auto word = store::intent_word(status.intent.resolved);
    return {{"desired_state", word ? Json(printable(*word)) : Json()},
            {"generation", known ? Json(file.generation) : Json()},
            {"changed_at", known ? Json(file.changed_at) : Json()},
            {"program", known ? Json(file.program) : Json()},
            {"uid", known ? Json(file.uid) : Json()},
            {"reason", known ? Json(file.reason) : Json()}};
}

Json last_exit_json(const std::optional<LastExit>& exit) {
    if (!exit) {
        return {};
    }
    return {{"code", or_null(exit->code)}, {"signal", or_null(exit->signal)}};
}

Json marker_json(const std::optional<Marker>& marker) {
    if (!marker) {
        return {};
    }
    return {{"target_pid", marker->target.pid.value},
            {"writer_pid", marker->writer.value},
            {"writer_uid", or_null(marker->writer_uid)},
            {"program", printable(marker->program)},
            {"reason", printable(marker->reason)},
            {"written_at", to_rfc3339(marker->written_at)}};
}

Json parked_json(const std::optional<store::Parked>& parked) {
    if (!parked) {
        return {};
    }
    return {{"reason", printable(parked->reason)},
            {"since", printable(parked->since)},
            {"deaths", parked->count}};
}

Json status_json(const GatewayStatus& status) {
    const auto& service = status.service;
    const bool known = !status.service_error;
    Json record = Json::object();
    record["profile"] = status.profile.str();
    record["state"] = state_word(status);
    record["registered"] = known ? Json(service.registered) : Json();
    record["supervised"] = known ? Json(service.supervised) : Json();
    record["want"] = known && service.supervised ? Json(service.wants_up ? "up" : "down") : Json();
    record["up"] = known ? Json(service.up) : Json();
    record["ready"] = or_null(service.ready);
    record["pid"] = service.process ? Json(service.process->pid.value) : Json();
    record["start_time"] = service.process && service.process->start_time
                               ? Json(service.process->start_time->ticks)
                               : Json();
    record["since"] = service.since ? Json(utc_text(*service.since)) : Json();
    record["last_exit"] = last_exit_json(service.last_exit);
    record["intent"] = intent_json(status);
    record["gateway_state"] = status.intent.gateway.gateway_state
                                  ? Json(printable(*status.intent.gateway.gateway_state))
                                  : Json();
    record["prior_exit"] = to_string(status.prior_exit);
    record["prior_exit_detail"] =
        status.prior_exit_detail.empty() ? Json() : Json(printable(status.prior_exit_detail));
    record["parked"] = parked_json(status.parked);
    record["port"] = or_null(status.port);
    record["drift"] = service.drift.empty() ? Json() : Json(service.drift);
    record["marker"] = marker_json(status.pending_marker);
    record["error"] =
        status.service_error ? Json(printable(status.service_error->message)) : Json();
    record["notes"] = Json::array();
    for (const auto& finding : status.findings) {
        record["notes"].push_back(to_line(finding));
    }
    return record;
}

std::string coloured_state(const GatewayStatus& status, const Palette& palette) {
    const auto word = state_word(status);
    return word == "running"                                               ? palette.good(word)
           : word == "restarting" || word == "parked" || word == "unknown" ? palette.bad(word)
                                                                           : std::string(word);
}

std::string table_text(const std::vector<GatewayStatus>& all, const Palette& palette) {
    Table table(
        {"PROFILE", "STATE", "PID", "SINCE", "INTENT", "GATEWAY STATE", "LAST EXIT", "NOTES"});
    for (const auto& status : all) {
        const auto& service = status.service;
        std::string notes;
        for (const auto& finding : status.findings) {
            notes += (notes.empty() ? "" : "; ") + printable(to_line(finding));
        }
        table.add({status.profile.str(), coloured_state(status, palette),
                   service.process ? std::to_string(service.process->pid.value) : "-",
                   service.since ? age_text(*service.since) : "-", intent_text(status),
                   status.intent.gateway.gateway_state
                       ? printable(*status.intent.gateway.gateway_state)
                       : "-",
                   exit_text(service.last_exit), notes.empty() ? "-" : notes});
    }
    return table.text();
}

std::string block_text(const GatewayStatus& status, const Palette& palette) {
    const auto& service = status.service;
    const auto yes_no = [](bool value) { return value ? "yes" : "no"; };
    std::string text = fmt::format("Profile:    {}\nState:      {}", status.profile.str(),
                                   coloured_state(status, palette));
    if (service.process) {
        text += fmt::format(", pid {}", service.process->pid.value);
    }
    if (service.since) {
        text += fmt::format(", since {} ({})", utc_text(*service.since), age_text(*service.since));
    }
    text += fmt::format("\nRegistered: {}\nSupervised: {}", yes_no(service.registered),
                        yes_no(service.supervised));
    if (service.supervised) {
        text += fmt::format("\nWants:      {}", service.wants_up ? "up" : "down");
    }
    if (service.up && service.ready) {
        text += fmt::format("\nReady:      {}", yes_no(*service.ready));
    }
    text += fmt::format("\nIntent:     {}", intent_story(status));
    text += fmt::format("\nLast exit:  {}", exit_text(service.last_exit));
    if (status.intent.gateway.gateway_state) {
        text += fmt::format("\nGateway:    {}", printable(*status.intent.gateway.gateway_state));
    }
    if (status.prior_exit != PriorExit::unknown) {
        text += fmt::format("\nPrior exit: {} {}", to_string(status.prior_exit),
                            printable(status.prior_exit_detail));
    }
    if (status.port) {
        text += fmt::format("\nPort:       {}", *status.port);
    }
    if (status.pending_marker) {
        text += fmt::format(
            "\nMarker:     {} asked for by {} (pid {})", printable(status.pending_marker->reason),
            printable(status.pending_marker->program), status.pending_marker->writer.value);
    }
    for (const auto& finding : status.findings) {
        text += "\nNote:       " + printable(to_line(finding));
    }
    return text + "\n";
}

int exit_status_of_all(const std::vector<GatewayStatus>& all) {
    const auto unregistered = [](const GatewayStatus& s) {
        return !s.service_error && !s.service.registered;
    };
    const auto not_running = [](const GatewayStatus& s) { return !s.service.up; };
    for (const auto& status : all) {
        if (status.service_error) {
            return report_error(*status.service_error);
        }
    }
    if (std::any_of(all.begin(), all.end(), unregistered)) {
        return exit_status::not_registered;
    }
    return std::any_of(all.begin(), all.end(), not_running) ? exit_status::not_running
                                                            : exit_status::done;
}

Result<std::vector<ProfileName>> targets_of(const Globals& globals, const Station& station,
                                            const StatusOptions& options) {
    return options.names.empty() && !globals.profile ? station.manager().list()
                                                     : named_targets(globals, options.names);
}

Result<std::vector<GatewayStatus>> look(const Globals& globals, const Station& station,
                                        const StatusOptions& options) {
    const auto targets = targets_of(globals, station, options);
    if (!targets) {
        return std::unexpected(targets.error());
    }
    std::vector<GatewayStatus> all;
    all.reserve(targets->size());
    for (const auto& profile : *targets) {
        all.push_back(inspect::gateway_status(station.manager(), station.home(), profile));
    }
    return all;
}

bool show(const Globals& globals, const Station& station, const std::vector<GatewayStatus>& all,
          const StatusOptions& options) {
    if (globals.json) {
        Json root = Json::object();
        root["version"] = 1;
        root["manager"] = supervise::to_string(station.manager().traits().kind);
        root["gateways"] = Json::array();
        for (const auto& status : all) {
            root["gateways"].push_back(status_json(status));
        }
        return print_json(root);
    }
    const Palette palette(wants_colour(globals.colour, STDOUT_FILENO));
    const bool one = all.size() == 1 && (!options.names.empty() || globals.profile);
    return print(fmt::format("Manager: {}\n", station.manager().traits().label) +
                 (one ? block_text(all.front(), palette) : table_text(all, palette)));
}

int run_status(const Globals& globals, const StatusOptions& options) {
    const auto station = Station::open(globals, Access::look);
    if (!station) {
        return report_error(station.error());
    }
    constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";
    while (true) {
        const auto all = look(globals, **station, options);
        if (!all) {
            return report_error(all.error());
        }
        if (options.watch && ::isatty(STDOUT_FILENO) == 1) {
            print(clear_screen);
        }
        if (!show(globals, **station, *all, options)) {
            return exit_status::some_failed;
        }
        if (!options.watch) {
            return exit_status_of_all(*all);
        }
        std::this_thread::sleep_for(seconds{1});
    }
}

} // namespace

void add_status(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand(
        "status", "Show what the supervisor, the operator and the gateway say; exits with 3 when "
                  "one is not running, 4 when one is not registered");
    auto options = std::make_shared<StatusOptions>();
    verb->add_option("NAME", options->names, "Profiles; default: every registered one")
        ->type_name("");
    verb->add_flag("-w,--watch", options->watch, "Show it again every second");
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] { return run_status(globals, *options); };
    });
}

} // namespace gw::cli
