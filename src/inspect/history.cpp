#include "inspect/history.hpp"

#include "base/json_fields.hpp"
#include "base/natural_order.hpp"
#include "store/boot_log.hpp"
#include "store/life_log.hpp"

#include <algorithm>

namespace gw::inspect {

namespace {

using What = TimelineEvent::What;

What what_of(store::LifeEventKind kind) {
    switch (kind) {
    case store::LifeEventKind::began:
        return What::began;
    case store::LifeEventKind::draining:
        return What::draining;
    case store::LifeEventKind::ended:
        return What::ended;
    case store::LifeEventKind::crashed:
        return What::crashed;
    case store::LifeEventKind::parked:
        break;
    }
    return What::parked;
}

/// A pass in a live container is no boot: it ends nobody's life.
struct Pass {
    Boot boot;
    std::vector<std::string> started;
};

/// As `settle`, of records with a moment in them.
template <class Record, class Moment> void settle_by(std::vector<Record>& records, Moment at) {
    std::vector<WallTime> moments;
    for (auto& one : records) {
        moments.push_back(at(one));
    }
    settle(moments);
    for (std::size_t i = 0; i < records.size(); ++i) {
        at(records[i]) = moments[i];
    }
}

std::vector<Pass> boots_of(const std::vector<Json>& passes) {
    std::vector<Pass> boots;
    for (const auto& pass : passes) {
        const auto at = parse_rfc3339(text_field(pass, "time"));
        const auto profiles = pass.find("profiles");
        if (!at || is_true(pass, "supervisor_live") || profiles == pass.end() ||
            !profiles->is_array()) {
            continue;
        }
        Pass one{{*at, 0, profiles->size(), is_true(pass, "failed")}, {}};
        for (const auto& profile : *profiles) {
            if (profile.is_object() && text_field(profile, "action") == "started") {
                one.started.push_back(text_field(profile, "profile"));
            }
        }
        one.boot.started = one.started.size();
        boots.push_back(std::move(one));
    }
    settle_by(boots, [](Pass& pass) -> WallTime& { return pass.boot.at; });
    return boots;
}

std::vector<TimelineEvent> events_of(const sys::Directory& directory, const ProfileName& profile,
                                     const std::vector<Pass>& boots) {
    std::vector<TimelineEvent> events;
    for (auto& event : store::read_life_log(directory)) {
        events.push_back({what_of(event.kind), event.at, event.pid, std::move(event.cause),
                          std::move(event.detail)});
    }
    settle_by(events, [](TimelineEvent& event) -> WallTime& { return event.at; });
    // A gateway of another kind leaves no beginnings; that a boot has started it is one.
    const bool tells_beginnings = std::any_of(
        events.begin(), events.end(), [](const auto& one) { return one.what == What::began; });
    for (const auto& pass : boots) {
        events.push_back({What::boot, pass.boot.at, 0, {}, {}});
        const bool started = std::find(pass.started.begin(), pass.started.end(), profile.str()) !=
                             pass.started.end();
        if (started && !tells_beginnings) {
            events.push_back({What::began, pass.boot.at, 0, {}, "started by the boot"});
        }
    }
    return events;
}

} // namespace

History read_history(const store::Home& home, std::span<const ProfileName> profiles, WallTime now) {
    const bool all = profiles.empty();
    auto names =
        all ? home.profiles().names : std::vector<ProfileName>(profiles.begin(), profiles.end());
    std::stable_sort(names.begin(), names.end(),
                     [](const auto& a, const auto& b) { return profile_less(a.str(), b.str()); });
    const auto boots = boots_of(store::read_boot_history(home.directory()));
    History history{now, now, {}, {}};
    for (const auto& pass : boots) {
        history.boots.push_back(pass.boot);
    }
    for (const auto& name : names) {
        const auto directory = home.find(name);
        auto spans = directory && *directory ? timeline_of(events_of(**directory, name, boots), now)
                                             : std::vector<Span>{};
        if (spans.empty() && all) {
            continue;
        }
        if (!spans.empty()) {
            history.from = std::min(history.from, spans.front().from);
        }
        history.gateways.push_back({name, std::move(spans)});
    }
    return history;
}

} // namespace gw::inspect
