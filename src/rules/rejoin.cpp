#include "rules/rejoin.hpp"

#include <algorithm>

namespace gw {

unsigned losses_in_a_row(unsigned before, const LostLease& lost, std::chrono::seconds ttl) {
    if (lost.membership >= lasting_membership * ttl) {
        return 0;
    }
    return lost.others_kept_theirs ? before + 1 : before;
}

std::chrono::seconds absence_after(unsigned losses, std::chrono::seconds ttl) {
    if (losses == 0) {
        return std::chrono::seconds{0};
    }
    int leases = 1;
    for (unsigned i = 1; i < losses && leases < longest_absence; ++i) {
        leases *= 2;
    }
    return std::min(leases, longest_absence) * ttl;
}

} // namespace gw
