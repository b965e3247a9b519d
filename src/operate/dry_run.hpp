/// `--dry-run` of an operation: looks at what the operation would look at, and changes nothing.
#pragma once

#include "operate/operator.hpp"
#include "rules/dry_run.hpp"

namespace gw::operate {

/// What the operation would do, for people (rules/dry_run.hpp); or the error with which it would
/// refuse before it has written anything. It takes no lock and no share: what somebody else does
/// meanwhile is not seen, nor that a file cannot be written.
Result<std::string> dry_run(const Operator& by, Asked asked, const ProfileName& profile);

} // namespace gw::operate
