/// One verb on several profiles: which ones, and what became of each.
#pragma once

#include "cli/context.hpp"
#include "cli/words.hpp"
#include "operate/targets.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace gw::cli {

/// The typed names without repetitions, or -p, or `default`; Errc::usage for a bad one.
Result<std::vector<ProfileName>> named_targets(const Context& context,
                                               const std::vector<std::string>& names);

/// What became of one profile.
struct Outcome {
    std::string word{};   ///< in front of its name; empty: that of the verb
    std::string detail{}; ///< behind it
};

/// A verb that acts on one profile after the other, or on all of them at the same time.
struct Batch {
    std::string_view verb; ///< "stop"
    std::string_view past; ///< "stopped"; or "stopping", where nobody waits for that
    /// The results in the order of the targets; one failure does not hide the others.
    std::function<std::vector<Result<Outcome>>(const operate::Operator&,
                                               std::span<const ProfileName>)>
        act;
    /// What `--all` means (operate/targets.hpp); empty for a verb without that option.
    std::function<operate::Targets(const operate::Operator&)> all{};
    bool is_dry_run = false; ///< it only says what it would do
};

/// Acts on the profiles that the words name and reports. Answers with one target's own exit status,
/// or with 1 when some of several failed.
int run_batch(Context& context, const Words& words, sys::Effects& effects, const Batch& batch);

/// Of a verb that has one word only.
inline Result<Outcome> outcome_of(const Result<void>& done) {
    return done ? Result<Outcome>(Outcome{}) : std::unexpected(done.error());
}

/// `act` of a verb that takes one profile after the other.
template <class Step> auto one_by_one(Step step) {
    return [step](const operate::Operator& by, std::span<const ProfileName> targets) {
        std::vector<Result<Outcome>> results;
        for (const auto& profile : targets) {
            results.push_back(step(by, profile));
        }
        return results;
    };
}

/// --timeout and --force.
operate::OperationOptions operation_options(const Words& words);
/// --timeout.
std::optional<milliseconds> timeout_of(const Words& words);

} // namespace gw::cli
