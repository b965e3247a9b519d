#include "inspect/listing.hpp"

#include "base/natural_order.hpp"
#include "store/intent_store.hpp"
#include "store/service_settings_file.hpp"

#include <algorithm>

namespace gw::inspect {

namespace {

/// Its name may be that of a profile on the volume.
void add_foreign(const supervise::ForeignService& other, Listing& listing) {
    const auto name = other.profile.str();
    const auto why = "its name is taken by what is not ours: " + other.why;
    const auto known = std::find_if(listing.profiles.begin(), listing.profiles.end(),
                                    [&](const auto& one) { return one.name == name; });
    if (known == listing.profiles.end()) {
        listing.profiles.push_back({name, false, false, std::nullopt, why});
    } else {
        known->problem = why;
    }
}

void sort_trouble_first(std::vector<ListedProfile>& profiles) {
    std::stable_sort(profiles.begin(), profiles.end(), [](const auto& a, const auto& b) {
        return a.problem.has_value() != b.problem.has_value() ? a.problem.has_value()
                                                              : profile_less(a.name, b.name);
    });
}

} // namespace

Result<Listing> list_profiles(const supervise::ServiceManager& manager, const store::Home& home) {
    auto registered = manager.list();
    if (!registered) {
        return std::unexpected(std::move(registered.error()));
    }
    const std::vector<ProfileName> ours = *registered;
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
    for (const auto& other : manager.foreign(ours)) {
        add_foreign(other, listing);
    }
    for (const auto& invalid : found.invalid) {
        listing.profiles.push_back({invalid.name, false, false, std::nullopt, invalid.why});
    }
    sort_trouble_first(listing.profiles);
    return listing;
}

} // namespace gw::inspect
