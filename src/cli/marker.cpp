#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/own_profile.hpp"
#include "cli/verbs.hpp"
#include "store/marker_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"
#include "sys/system_effects.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

struct MarkerWords {
    std::string kind_word{to_string(MarkerKind::planned_stop)};
    std::optional<std::int32_t> pid;
    std::string reason;
};

MarkerKind kind_of(const MarkerWords& words) {
    return parse_marker_kind(words.kind_word).value_or(MarkerKind::planned_stop);
}

/// What every `marker` verb answers with.
struct Answer {
    int exit_code = exit_status::done;
    std::string text;
    Json json = Json::object();
};

std::string_view to_string(MarkerVerdict verdict) {
    switch (verdict) {
    case MarkerVerdict::names_me:
        return "names-me";
    case MarkerVerdict::names_other:
        return "names-other";
    case MarkerVerdict::stale:
        break;
    }
    return "stale";
}

Json marker_json(MarkerKind kind, const Marker& marker) {
    return Json::parse(marker_text(kind, marker), nullptr, false);
}

/// The process a gateway's script speaks for when it calls this tool: its own, our parent.
Result<MarkerReader> asking_process(const sys::Directory& profile, const MarkerWords& words) {
    const Pid parent{::getppid()};
    if (!words.pid && parent.value == 0) {
        return fail(Errc::usage, "the calling process is outside of this pid namespace",
                    "say who asks: --pid PID");
    }
    return store::marker_reader(words.pid ? Pid{*words.pid} : parent, profile);
}

/// Who only looks need not be a gateway: nobody's eyes see a marker for another one.
MarkerReader onlooker(const sys::Directory& profile, const MarkerWords& words) {
    return asking_process(profile, words)
        .value_or(MarkerReader{{}, profile.path(), sys::now(), std::nullopt});
}

Result<Answer> write(const sys::Directory& profile, const MarkerWords& words) {
    if (!words.pid) {
        return fail(Errc::usage, "marker write needs --pid: the process that is to be stopped");
    }
    const auto target = sys::identity_of(Pid{*words.pid});
    if (!target) {
        return fail(Errc::not_found, fmt::format("there is no live process {}", *words.pid));
    }
    sys::SystemEffects effects;
    const std::string reason = !words.reason.empty()
                                   ? words.reason
                                   : (kind_of(words) == MarkerKind::takeover ? "takeover" : "stop");
    if (auto written =
            store::write_marker(effects, profile, kind_of(words),
                                {*target, "gatewayctl marker write", reason, profile.path()});
        !written) {
        return std::unexpected(written.error());
    }
    return Answer{exit_status::done,
                  fmt::format("{} marker for pid {}", gw::to_string(kind_of(words)), *words.pid),
                  {{"written", true}, {"pid", *words.pid}}};
}

Result<Answer> consume(const sys::Directory& profile, const MarkerWords& words) {
    const auto reader = asking_process(profile, words);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    sys::SystemEffects effects;
    const auto taken = store::consume_marker(effects, profile, kind_of(words), *reader);
    if (!taken) {
        return std::unexpected(taken.error());
    }
    const bool planned = taken->has_value();
    return Answer{planned ? exit_status::done : exit_status::some_failed,
                  planned ? "yes" : "no",
                  {{"consumed", planned},
                   {"marker", planned ? marker_json(kind_of(words), **taken) : Json()}}};
}

Result<Answer> show(const sys::Directory& profile, const MarkerWords& words) {
    const auto found = store::probe_marker(profile, kind_of(words), onlooker(profile, words));
    if (!found) {
        return std::unexpected(found.error());
    }
    if (!*found) {
        return Answer{exit_status::some_failed, "none", {{"marker", nullptr}}};
    }
    const auto& marker = (*found)->marker;
    const std::string verdict((*found)->malformed ? "malformed" : to_string((*found)->verdict));
    Answer answer{exit_status::done, verdict, {{"verdict", verdict}, {"marker", nullptr}}};
    if (!(*found)->malformed) {
        answer.text =
            fmt::format("{}: pid {}, written {} by {} (pid {}), reason {}", verdict,
                        marker.target.pid.value, to_rfc3339(marker.written_at),
                        printable(marker.program), marker.writer.value, printable(marker.reason));
        answer.json["marker"] = marker_json(kind_of(words), marker);
    }
    return answer;
}

Result<Answer> clear(const sys::Directory& profile, const MarkerWords& words) {
    sys::SystemEffects effects;
    if (auto cleared = store::clear_marker(effects, profile, kind_of(words)); !cleared) {
        return std::unexpected(cleared.error());
    }
    return Answer{exit_status::done, "cleared", {{"cleared", true}}};
}

using Verb = Result<Answer> (*)(const sys::Directory&, const MarkerWords&);

Result<Answer> in_profile(const Globals& globals, const MarkerWords& words, Verb verb) {
    const auto profile = own_profile(globals);
    if (!profile) {
        return std::unexpected(profile.error());
    }
    const auto home = store::Home::open(home_setting(globals.flags, environment));
    if (!home) {
        return std::unexpected(home.error());
    }
    if (auto left = become_home_owner(*home); !left) {
        return std::unexpected(std::move(left.error()));
    }
    const auto directory = home->require(*profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    return verb(*directory, words);
}

int run_marker(const Globals& globals, const MarkerWords& words, Verb verb) {
    const auto answer = in_profile(globals, words, verb);
    if (!answer) {
        const int status = report_error(answer.error());
        // 1 is consume's and show's "no": an error must not look like it.
        return status == exit_status::some_failed ? exit_status::no_answer : status;
    }
    Json json = {{"version", 1}, {"kind", gw::to_string(kind_of(words))}};
    json.update(answer->json);
    const bool printed = globals.json ? print_json(json) : print(answer->text + "\n");
    return printed ? answer->exit_code : exit_status::no_answer;
}

} // namespace

void add_marker(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* marker =
        app.add_subcommand("marker", "The durable note that a stop was asked for (gateway's side)");
    marker->require_subcommand(1);
    auto words = std::make_shared<MarkerWords>();
    const auto add = [&](const char* name, const char* help, Verb verb) {
        auto* sub = marker->add_subcommand(name, help);
        sub->add_option("--kind", words->kind_word, "planned-stop or takeover")
            ->type_name("KIND")
            ->check(CLI::IsMember({"planned-stop", "takeover"}).description(""));
        sub->callback([&globals, &chosen, words, verb] {
            chosen = [&globals, words, verb] { return run_marker(globals, *words, verb); };
        });
        return sub;
    };
    auto* writing = add("write", "Write it; then signal the process", write);
    writing->add_option("--pid", words->pid, "The process that is to be stopped")->type_name("PID");
    writing->add_option("--reason", words->reason, "stop, restart, …")->type_name("WORD");
    add("consume", "Exit 0 and remove it when it names me; 1 when it does not", consume)
        ->add_option("--pid", words->pid, "Who I am (default: the calling process)")
        ->type_name("PID");
    add("show", "Look without removing; 1 when there is none", show)
        ->add_option("--pid", words->pid, "Who I am (default: the calling process)")
        ->type_name("PID");
    add("clear", "Remove it", clear);
}

} // namespace gw::cli
