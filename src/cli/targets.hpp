/// One verb on several profiles: which ones, and what became of each.
#pragma once

#include "cli/context.hpp"
#include "cli/words.hpp"

#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace gw::cli {

/// The typed names without repetitions, or -p, or `default`; Errc::usage for a bad one.
Result<std::vector<ProfileName>> named_targets(const Context& context,
                                               const std::vector<std::string>& names);

/// A verb that acts on one profile after the other, or on all of them at the same time.
struct Batch {
    std::string_view verb; ///< "stop"
    std::string_view past; ///< "stopped"
    /// The results in the order of the targets; one failure does not hide the others.
    std::function<std::vector<Result<void>>(const operate::Operator&, std::span<const ProfileName>)>
        act;
    /// Which registered profiles `--all` means; empty for a verb without that option.
    std::function<bool(const operate::Operator&, const ProfileName&)> part_of_all{};
};

/// Acts on the profiles that the words name and reports. Answers with one target's own exit status,
/// or with 1 when some of several failed.
int run_batch(Context& context, const Words& words, sys::Effects& effects, const Batch& batch);

/// `act` of a verb that takes one profile after the other.
template <class Step> auto one_by_one(Step step) {
    return [step](const operate::Operator& by, std::span<const ProfileName> targets) {
        std::vector<Result<void>> results;
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
