#include "supervise/s6/drift.hpp"

#include "render/slot.hpp"
#include "rules/slot_spec.hpp"
#include "store/service_settings_file.hpp"

#include <algorithm>

namespace gw::supervise {

namespace {

/// The home as the slot spells it: another spelling of the same directory is no drift.
std::string home_of(const ObservedSlot& slot, const store::Home& home) {
    const auto run = slot.content.find("run");
    return (run == slot.content.end() ? std::nullopt : home_of_run(run->second))
        .value_or(home.path());
}

} // namespace

UpdateSlot due_update(const store::Home& home, const Settings& settings, const Account& account,
                      const ProfileName& profile, const ObservedSlot& slot) {
    const auto directory = home.find(profile);
    if (!directory || !*directory) {
        return {};
    }
    const auto kept = store::read_service_settings(**directory);
    if (settings.unusable_config || !kept.problem.empty()) {
        return {}; // what it should be is not known: the slot keeps its scripts
    }
    SlotSpec spec = slot_spec(home_of(slot, home), settings, profile, kept.settings, account);
    spec.origin = home.origin_of(&**directory);
    if (slot.made_for) {
        spec.origin = origin_spoken_of(*slot.made_for, std::move(spec.origin));
    }
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
