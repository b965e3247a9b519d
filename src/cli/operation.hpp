/// What start, stop and restart share.
#pragma once

#include "cli/targets.hpp"
#include "rules/dry_run.hpp"

namespace gw::cli {

/// One of the three operations as the command line runs it.
struct Operation {
    Asked asked;
    std::string_view past;  ///< "stopped": it was seen
    std::string_view going; ///< "stopping": the supervisor has accepted it
    std::function<Result<operate::Pending>(const operate::Operator&, const ProfileName&)> begin;
    std::function<operate::Targets(const operate::Operator&)> all; ///< what `--all` means
};

/// Begins on every target, then watches all of them at the same time: the time limit of one must
/// not count while another one drains. One failure does not hide the others. With `--dry-run` says
/// what that would be.
int run_operation(Context& context, const Words& words, sys::Effects& effects,
                  const Operation& operation);

} // namespace gw::cli
