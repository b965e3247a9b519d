/// The certificates that a member uses.
#pragma once

#include "base/error.hpp"
#include "base/moment.hpp"

#include <string>

namespace gw::fleet {

/// When the first of the certificates in a PEM file ends. Errc::bad_config where it cannot be read,
/// or has none.
Result<WallTime> end_of_certificates(const std::string& file);

} // namespace gw::fleet
