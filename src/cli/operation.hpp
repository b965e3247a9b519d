/// What start, stop and restart share.
#pragma once

#include "cli/targets.hpp"

namespace gw::cli {

/// One of the three operations as the command line runs it.
struct Operation {
    std::string_view verb;  ///< "stop"
    std::string_view past;  ///< "stopped": it was seen
    std::string_view going; ///< "stopping": the supervisor has accepted it
    std::function<Result<operate::Pending>(const operate::Operator&, const ProfileName&)> begin;
    /// Which registered profiles `--all` means.
    std::function<bool(const operate::Operator&, const ProfileName&)> part_of_all;
};

/// Begins on every target, then watches all of them at the same time: the time limit of one must
/// not count while another one drains. One failure does not hide the others.
int run_operation(Context& context, const Words& words, sys::Effects& effects,
                  const Operation& operation);

/// Every registered profile.
bool any_profile(const operate::Operator& by, const ProfileName& profile);

} // namespace gw::cli
