#include "inspect/listing.hpp"

#include "store/intent_store.hpp"
#include "store/service_settings_file.hpp"

#include <algorithm>

namespace gw::inspect {

Result<Listing> list_profiles(const supervise::ServiceManager& manager, const store::Home& home) {
    auto registered = manager.list();
    if (!registered) {
        return std::unexpected(std::move(registered.error()));
    }
    auto found = home.profiles();
    Listing listing;
    listing.findings = std::move(found.findings);
    for (const auto& name : found.names) {
        ListedProfile one{name.str(), std::erase(*registered, name) > 0, false, {}, {}};
        if (const auto directory = home.find(name); directory && *directory) {
            const auto intent = store::read_intent(**directory).resolved;
            const auto record = store::read_service_settings(**directory).settings.unregistered;
            one.intent = store::intent_word(intent);
            one.unregistered = !one.registered && record && still_counts(*record, intent);
        }
        listing.profiles.push_back(std::move(one));
    }
    for (const auto& name : *registered) {
        const auto absence = home.absence_of(name);
        listing.profiles.push_back(
            {name.str(), true, false, std::nullopt,
             absence.unproven.empty() ? "its profile is gone" : absence.unproven});
    }
    for (const auto& invalid : found.invalid) {
        listing.profiles.push_back({invalid.name, false, false, std::nullopt, invalid.why});
    }
    return listing;
}

} // namespace gw::inspect
