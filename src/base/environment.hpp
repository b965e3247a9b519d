/// Variables of a process's environment, in the order in which they are set.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gw {

using Environment = std::vector<std::pair<std::string, std::string>>;

} // namespace gw
