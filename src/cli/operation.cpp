#include "cli/operation.hpp"

#include "base/text.hpp"
#include "cli/elsewhere.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "operate/dry_run.hpp"
#include "operate/watch.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>

namespace gw::cli {

namespace {

constexpr std::size_t longest_note = 1000;

using Begun = std::vector<Result<operate::Pending>>;

void log_warnings(const Begun& begun) {
    for (const auto& pending : begun) {
        if (pending) {
            for (const auto& warning : pending->warnings) {
                sys::log_warning(pending->profile.str() + ": " + printable(to_line(warning)));
            }
        }
    }
}

/// What would become of one gateway. Where another member of the fleet has it, that one would be
/// asked, and it is not asked now.
Result<Outcome> foreseen(const operate::Operator& by, Asked asked, const ProfileName& profile) {
    const auto word = fmt::format("would {}", to_string(asked));
    if (is_elsewhere(by, profile)) {
        return Outcome{word, "the member that has it would be asked"};
    }
    auto text = operate::dry_run(by, asked, profile);
    return text ? Result<Outcome>(Outcome{word, std::move(*text)})
                : std::unexpected(std::move(text.error()));
}

int run_dry(Context& context, const Words& words, sys::Effects& effects,
            const Operation& operation) {
    const auto verb = to_string(operation.asked);
    const auto in_sum = fmt::format("would be {}", operation.past);
    const auto act = one_by_one([&](const operate::Operator& by, const ProfileName& profile) {
        return foreseen(by, operation.asked, profile);
    });
    return run_batch(
        context, words, effects,
        {.verb = verb, .past = in_sum, .act = act, .all = operation.all, .is_dry_run = true});
}

} // namespace

int run_operation(Context& context, const Words& words, sys::Effects& effects,
                  const Operation& operation) {
    if (words.has("--dry-run")) {
        return run_dry(context, words, effects, operation);
    }
    const auto verb = to_string(operation.asked);
    auto options = operation_options(words);
    if (words.has("--no-wait")) {
        options.patience = operate::Patience::no_wait;
    }
    const auto note = words.value("--reason").value_or("");
    if (note.size() > longest_note) {
        return report_error(
            {Errc::usage, fmt::format("--reason is longer than {} bytes", longest_note), {}});
    }
    const auto act = [&](operate::Operator by, std::span<const ProfileName> targets) {
        by.note = note;
        Begun begun;
        begun.reserve(targets.size());
        std::map<std::size_t, Result<Outcome>> elsewhere;
        for (const auto& profile : targets) {
            begun.push_back(operation.begin(by, profile));
            if (!begun.back() && is_elsewhere(by, profile)) {
                elsewhere.emplace(begun.size() - 1, ask_there(by, verb, profile, words));
            }
        }
        ProgressView view(verb);
        options.on_progress = view.listener();
        auto ends = operate::watch_all(by, begun, options);
        view.end();
        log_warnings(begun);
        std::vector<Result<Outcome>> outcomes;
        std::transform(ends.begin(), ends.end(), std::back_inserter(outcomes), outcome_of);
        for (auto& [place, outcome] : elsewhere) {
            outcomes[place] = std::move(outcome);
        }
        return outcomes;
    };
    const bool waits = options.patience == operate::Patience::wait;
    return run_batch(context, words, effects,
                     {verb, waits ? operation.past : operation.going, act, operation.all});
}

} // namespace gw::cli
