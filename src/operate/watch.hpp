/// The second part of an operation: seeing that it has come true. One loop watches any number of
/// gateways, with the same few descriptors and no process or thread for each; what it concludes
/// from a look is `step` of rules/operation.hpp.
#pragma once

#include "operate/operator.hpp"

#include <chrono>
#include <functional>
#include <span>
#include <vector>

namespace gw::operate {

/// The clock that time limits are measured on; tests hand in one of their own.
using Clock = std::function<std::chrono::steady_clock::time_point()>;

/// Waits for each operation's goal within its time limits, then looks at the intent again (a
/// gateway that takes no lock may have put an old one back) and removes the marker if its target
/// has left without reading it. Errc::timed_out names the pid that still lives. An operation that
/// has not begun answers with its error. In the order of `begun`; with Patience::no_wait only the
/// intent is looked at again.
std::vector<Result<void>> watch_all(const Operator& by, std::span<Result<Pending>> begun,
                                    const OperationOptions& options,
                                    const Clock& clock = std::chrono::steady_clock::now);

/// The same for one.
Result<void> watch_one(const Operator& by, Result<Pending> begun, const OperationOptions& options);

/// Waits only, for `unregister`, which has no intent to look at.
Result<void> wait_for_goal(const Operator& by, Pending& pending, const OperationOptions& options);

} // namespace gw::operate
