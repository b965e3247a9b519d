/// What `doctor --fix` may do by itself: cures that end no process, lose no word of an operator,
/// and are no matter of taste.
#pragma once

#include "base/finding.hpp"
#include "operate/operator.hpp"

#include <optional>

namespace gw::operate {

/// Whether there is one for it.
bool has_safe_cure(const Finding& finding);

/// Carries it out. Errors of what failed; the finding's subject names the profile.
Result<void> cure_safely(const Operator& by, const Finding& finding);

} // namespace gw::operate
