/// How long a member of a fleet that has lost its lease stays away before it joins again. Pure.
///
/// Each join takes a member's share of the gateways from the others, and each loss leaves that
/// share nowhere until the lease has ended. A member that cannot keep a lease (its agent gets no
/// processor, its network comes and goes) would do that again and again.
#pragma once

#include <chrono>

namespace gw {

/// A lease that was lost, not given back.
struct LostLease {
    std::chrono::nanoseconds membership{0}; ///< from the join to the loss
    /// Somebody who had joined before this member still lives and takes what has no place: etcd was
    /// there for others, and the gateways have somewhere to be.
    bool others_kept_theirs = false;
};

/// So many leases long is a membership of a member that can keep one.
inline constexpr int lasting_membership = 10;
/// The longest absence, in leases.
inline constexpr int longest_absence = 32;

/// Losses in a row, `before` of them before this one; first match wins:
///
/// | # | the loss                                      | in a row   |
/// |---|-----------------------------------------------|------------|
/// | 1 | after a membership that had lasted            | 0          |
/// | 2 | everybody's (etcd was away)                   | as before  |
/// | 3 | any other                                     | one more   |
unsigned losses_in_a_row(unsigned before, const LostLease& lost, std::chrono::seconds ttl);

/// Nothing without a loss, one lease after the first, and twice as long after each further one, up
/// to the longest.
std::chrono::seconds absence_after(unsigned losses, std::chrono::seconds ttl);

} // namespace gw
