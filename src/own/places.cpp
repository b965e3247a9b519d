#include "own/places.hpp"

#include "store/fence.hpp"

namespace gw::own {

Places Places::here(const Settings& settings) {
    Places places;
    if (!settings.fleet || settings.fleet->spread != Spread::gateway) {
        return places;
    }
    places.held_.emplace();
    const auto fence = sys::Directory::open(fence_directory(settings));
    const auto held = fence ? store::list_places(*fence) : std::unexpected(fence.error());
    if (held) {
        for (const auto& [name, token] : *held) {
            places.held_->insert(name);
        }
    }
    return places;
}

std::optional<std::string> Places::elsewhere(const ProfileName& profile) const {
    return held_ && !held_->contains(profile.str())
               ? std::optional<std::string>("is another member's of the fleet, or nobody's yet")
               : std::nullopt;
}

} // namespace gw::own
