/// Who owns the volume, as `status` and `list` tell it.
#pragma once

#include "base/json_object.hpp"
#include "rules/owner.hpp"

#include <string>

namespace gw::cli {

/// null: nobody does, or the volume cannot tell.
Json owner_json(const Standing& owner);

/// A line of its own where it is not as in any container that has its volume for itself: owned
/// here, or by nobody, with the role `owner`.
std::string owner_line(const Standing& owner, Role role);

} // namespace gw::cli
