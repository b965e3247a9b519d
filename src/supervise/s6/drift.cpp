#include "supervise/s6/drift.hpp"

#include "render/slot.hpp"
#include "rules/slot_spec.hpp"
#include "store/service_settings_file.hpp"

#include <algorithm>

namespace gw::supervise {

UpdateSlot due_update(const store::Home& home, const Settings& settings, const ProfileName& profile,
                      const ObservedSlot& slot) {
    const auto directory = home.find(profile);
    if (!directory || !*directory) {
        return {};
    }
    const auto kept = store::read_service_settings(**directory);
    SlotSpec spec =
        slot_spec(home.path(), settings, profile, kept.settings, store::account_of_home(home));
    spec.origin = home.origin_of(profile);
    spec.starts = !slot.content.contains("down");
    auto rendered = render_slot(spec);
    auto difference = compare_slot(rendered, slot.content);
    std::erase(difference.changed, "log/down");
    std::erase(difference.extra, "log/down");
    std::erase_if(rendered, [&](const SlotFile& file) {
        return std::ranges::find(difference.changed, file.path) == difference.changed.end();
    });
    return {std::move(rendered), std::move(difference.extra)};
}

std::string drift_of(const UpdateSlot& update) {
    std::string out;
    for (const auto& file : update.write) {
        out += (out.empty() ? "" : ", ") + file.path;
    }
    for (const auto& path : update.remove) {
        out += (out.empty() ? "" : ", ") + path;
    }
    return out;
}

} // namespace gw::supervise
