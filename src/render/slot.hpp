/// The text of one s6 service slot, rendered from `s6-templates/`. Pure.
#pragma once

#include "rules/slot_files.hpp"
#include "rules/slot_spec.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// The rendered files, `down` included when the slot must not start.
std::vector<SlotFile> render_slot(const SlotSpec& spec);

/// The home a rendered `run` belongs to, from its first lines; nullopt when it is not one of ours.
std::optional<std::string> home_of_run(std::string_view run);
/// What it says that it was made for; nullopt in one of an earlier version.
std::optional<SlotOrigin> origin_of_run(std::string_view run);

} // namespace gw
