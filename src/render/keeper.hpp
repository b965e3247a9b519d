/// The text of the service that has a share in the volume (own/ownership.hpp) where nothing else of
/// the tree can, rendered from `s6-templates/`. Pure.
#pragma once

#include "base/account.hpp"
#include "rules/slot_files.hpp"
#include "rules/tree.hpp"

#include <string>
#include <vector>

namespace gw {

/// Its name in the scandir; no profile's slot is called so.
inline constexpr const char* keeper_name = "volume-keeper";

struct KeeperSpec {
    std::string program; ///< gatewayctl, absolute: who has no share has nobody to do without it
    std::string home;
    std::string scandir;
    Account account;
    TreeKind tree = TreeKind::shared;
};

std::vector<SlotFile> render_keeper(const KeeperSpec& spec);

} // namespace gw
