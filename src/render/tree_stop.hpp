/// What s6-svscan runs when a tree of the user's own stops, rendered from `s6-templates/`. Pure.
#pragma once

#include "rules/slot_files.hpp"

#include <string>
#include <vector>

namespace gw {

struct TreeStopSpec {
    std::string program; ///< gatewayctl, absolute
    std::string home;
    std::string scandir;
};

/// Paths relative to `.s6-svscan`: the handler of SIGTERM, and what s6-svscan becomes at its end.
std::vector<SlotFile> render_tree_stop(const TreeStopSpec& spec);

} // namespace gw
