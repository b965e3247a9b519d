/// The words of a command.
#pragma once

#include <string>
#include <vector>

namespace gw {

using Argv = std::vector<std::string>;

} // namespace gw
