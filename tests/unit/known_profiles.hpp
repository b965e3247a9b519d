/// Profiles as `desire` takes them.
#pragma once

#include "rules/desired.hpp"

#include <vector>

namespace gw::test {

inline std::vector<const KnownProfile*> each_of(const std::vector<KnownProfile>& profiles) {
    std::vector<const KnownProfile*> known;
    known.reserve(profiles.size());
    for (const auto& profile : profiles) {
        known.push_back(&profile);
    }
    return known;
}

} // namespace gw::test
