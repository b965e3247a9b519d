/// YAML from the volume: it may be hostile, so what makes it grow beyond its bytes is refused
/// before anything is built.
#pragma once

#include "base/error.hpp"

#include <string>
#include <yaml-cpp/yaml.h>

namespace gw::store {

/// Deepest nesting accepted. A configuration uses 2.
inline constexpr int max_yaml_depth = 32;

/// The one document of `bytes`. Errc::bad_config for what is no YAML, nested deeper than that, or
/// has aliases: a few hundred bytes of those stand for gigabytes.
Result<YAML::Node> parse_yaml(const std::string& bytes);

} // namespace gw::store
