#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/speaker.hpp"
#include "cli/verbs.hpp"
#include "run/own_records.hpp"
#include "store/profile_snapshot.hpp"

#include <array>
#include <fmt/format.h>

namespace gw::cli {

namespace {

template <class Word> struct Named {
    std::string_view name;
    Word word;
};

constexpr std::array states = {
    Named{"starting", run::LiveState::starting}, Named{"running", run::LiveState::running},
    Named{"degraded", run::LiveState::degraded}, Named{"draining", run::LiveState::draining}};

constexpr std::array causes = {Named{"planned-stop", run::OwnCause::planned_stop},
                               Named{"takeover", run::OwnCause::takeover},
                               Named{"restart", run::OwnCause::restart},
                               Named{"unmarked-signal", run::OwnCause::unmarked_signal},
                               Named{"finished", run::OwnCause::finished}};

/// The parser has let no other word through.
template <class Table> auto word_in(const Table& table, const std::string& text) {
    auto word = table.front().word;
    for (const auto& one : table) {
        word = one.name == text ? one.word : word;
    }
    return word;
}

template <class Table> std::vector<std::string> names_in(const Table& table) {
    std::vector<std::string> names;
    for (const auto& one : table) {
        names.emplace_back(one.name);
    }
    return names;
}

/// Lets `act` record for the gateway that speaks, in its own profile.
template <class Act> int record(Context& context, const Words& words, const Act& act) {
    const auto own = context.own_profile();
    const auto process = own ? speaking_process(words) : std::unexpected(own.error());
    if (!process) {
        return report_error(process.error());
    }
    const auto said = act(own->directory, *process);
    if (!said) {
        return report_error(Error(said.error()).within("cannot record the gateway's state"));
    }
    return printed(context.globals().json ? print_json(said->second) : print(said->first));
}

using Said = Result<std::pair<std::string, Json>>;

Json shown_json(const store::ProfileSnapshot& seen) {
    const auto& state = seen.intent.gateway;
    return {{"version", 1},
            {"gateway_state", words_or_null(state.gateway_state)},
            {"pid", state.process ? Json(state.process->pid.value) : Json()},
            {"restart_requested", state.restart_requested},
            {"last_life", to_string(seen.prior_life.exit)},
            {"last_life_detail", printable(seen.prior_life.detail)}};
}

} // namespace

std::vector<std::string> state_words() {
    return names_in(states);
}

std::vector<std::string> cause_words() {
    return names_in(causes);
}

int state_set(Context& context, const Words& words, sys::Effects& effects) {
    const std::string word = words.value("STATE").value_or("");
    return record(context, words, [&](const auto& profile, const auto& process) -> Said {
        const auto done = run::record_own_state(effects, profile, process, word_in(states, word));
        return done ? Said({"", {{"version", 1}, {"gateway_state", word}}})
                    : std::unexpected(done.error());
    });
}

int state_end(Context& context, const Words& words, sys::Effects& effects) {
    run::OwnEnd end;
    end.cause = word_in(causes, words.value("CAUSE").value_or(""));
    end.exit_code = words.integer("--exit-code").value_or(0);
    end.drain = words.has("--drain-timed-out") ? DrainEnd::timed_out : DrainEnd::drained;
    end.words = words.value("--reason").value_or("");
    return record(context, words, [&](const auto& profile, const auto& process) -> Said {
        const auto verdict = run::record_own_end(effects, profile, process, end);
        return verdict ? Said({fmt::format("{}\n", verdict->exit_code),
                               {{"version", 1},
                                {"gateway_state", to_string(verdict->state)},
                                {"cause", to_string(verdict->cause)},
                                {"clean", verdict->clean},
                                {"exit_code", verdict->exit_code}}})
                       : std::unexpected(verdict.error());
    });
}

int state_show(Context& context, const Words& /*words*/) {
    const auto own = context.own_profile();
    if (!own) {
        return report_error(own.error());
    }
    const auto seen = store::read_snapshot(own->directory);
    const auto& state = seen.intent.gateway;
    const bool recorded = state.gateway_state.has_value();
    const std::string pid =
        state.process ? fmt::format(", pid {}", state.process->pid.value) : std::string();
    const std::string text =
        recorded ? printable(*state.gateway_state) + pid + "\n" : std::string("none\n");
    const bool complete = context.globals().json ? print_json(shown_json(seen)) : print(text);
    return complete && recorded ? exit_status::done : exit_status::some_failed;
}

} // namespace gw::cli
