/// Variables of a process's environment, in the order in which they are set.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gw {

using Environment = std::vector<std::pair<std::string, std::string>>;

/// What becomes of a gateway's own variables: first `unset` are forgotten, then `set` are given.
struct EnvironmentChange {
    Environment set{};
    std::vector<std::string> unset{};
    [[nodiscard]] bool empty() const { return set.empty() && unset.empty(); }
};

} // namespace gw
