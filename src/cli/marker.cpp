#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/speaker.hpp"
#include "cli/verbs.hpp"
#include "store/marker_file.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

MarkerKind kind_of(const Words& words) {
    const auto word = words.value("--kind");
    return word ? parse_marker_kind(*word).value_or(MarkerKind::planned_stop)
                : MarkerKind::planned_stop;
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

Result<MarkerReader> asking_process(const sys::Directory& profile, const Words& words) {
    const auto pid = speaker(words);
    return pid ? Result<MarkerReader>(store::marker_reader(*pid, profile))
               : std::unexpected(pid.error());
}

/// Who only looks need not be a gateway: nobody's eyes see a marker for another one.
MarkerReader onlooker(const sys::Directory& profile, const Words& words) {
    return asking_process(profile, words).value_or(store::marker_reader_of({}, profile));
}

Result<Answer> write(const sys::Directory& profile, const Words& words, sys::Effects& effects) {
    const auto pid = words.integer("--pid");
    if (!pid) {
        return fail(Errc::usage, "marker write needs --pid: the process that is to be stopped");
    }
    const auto target = sys::identity_of(Pid{*pid});
    if (!target) {
        return fail(Errc::not_found, fmt::format("there is no live process {}", *pid));
    }
    const auto kind = kind_of(words);
    const auto typed = words.value("--reason");
    const std::string reason = typed && !typed->empty()       ? *typed
                               : kind == MarkerKind::takeover ? "takeover"
                                                              : "stop";
    if (auto written = store::write_marker(
            effects, profile, kind, {*target, "gatewayctl marker write", reason, profile.path()});
        !written) {
        return std::unexpected(written.error());
    }
    return Answer{exit_status::done,
                  fmt::format("{} marker for pid {}", gw::to_string(kind), *pid),
                  {{"written", true}, {"pid", *pid}}};
}

Result<Answer> consume(const sys::Directory& profile, const Words& words, sys::Effects& effects) {
    const auto reader = asking_process(profile, words);
    if (!reader) {
        return std::unexpected(reader.error());
    }
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

Result<Answer> show(const sys::Directory& profile, const Words& words) {
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

Result<Answer> clear(const sys::Directory& profile, const Words& words, sys::Effects& effects) {
    if (auto cleared = store::clear_marker(effects, profile, kind_of(words)); !cleared) {
        return std::unexpected(cleared.error());
    }
    return Answer{exit_status::done, "cleared", {{"cleared", true}}};
}

/// Lets the verb act on the caller's profile and prints what it answers.
template <class Act> int answer_with(Context& context, const Words& words, const Act& act) {
    const auto own = context.own_profile();
    const auto answer = own ? act(own->directory) : Result<Answer>(std::unexpected(own.error()));
    if (!answer) {
        const int status = report_error(answer.error());
        // 1 is consume's and show's "no": an error must not look like it.
        return status == exit_status::some_failed ? exit_status::no_answer : status;
    }
    Json json = {{"version", 1}, {"kind", gw::to_string(kind_of(words))}};
    json.update(answer->json);
    const bool complete = context.globals().json ? print_json(json) : print(answer->text + "\n");
    return complete ? answer->exit_code : exit_status::no_answer;
}

} // namespace

int marker_write(Context& context, const Words& words, sys::Effects& effects) {
    return answer_with(context, words, [&](const sys::Directory& profile) {
        return write(profile, words, effects);
    });
}

int marker_consume(Context& context, const Words& words, sys::Effects& effects) {
    return answer_with(context, words, [&](const sys::Directory& profile) {
        return consume(profile, words, effects);
    });
}

int marker_show(Context& context, const Words& words) {
    return answer_with(context, words,
                       [&](const sys::Directory& profile) { return show(profile, words); });
}

int marker_clear(Context& context, const Words& words, sys::Effects& effects) {
    return answer_with(context, words, [&](const sys::Directory& profile) {
        return clear(profile, words, effects);
    });
}

} // namespace gw::cli
