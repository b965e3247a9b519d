#include "reconcile/plan.hpp"

#include "render/slot.hpp"
#include "store/planned_end.hpp"
#include "sys/side_by_side.hpp"

#include <utility>

namespace gw::reconcile {

Plan make_plan(Observation observation, RenderedSlot keeper, const LookAtSlot& look) {
    std::vector<const KnownProfile*> known;
    known.reserve(observation.profiles.size());
    for (const auto& profile : observation.profiles) {
        known.push_back(&profile.known);
    }
    auto desired = desire(observation.container, known, observation.ports);
    std::vector<ProfilePlan> plans(observation.profiles.size());
    sys::for_each_side_by_side(plans.size(), [&](std::size_t i) {
        auto seen = std::move(observation.profiles[i]);
        const auto& wanted = desired.profiles[i];
        if (look) {
            seen.slot = look(seen.known.name);
        }
        if (seen.slot.supervised) {
            // Its end may be under way: the note is for who will hear of it.
            std::erase(seen.stale_files, store::planned_end_file_name);
        }
        const bool compared =
            seen.slot.kind == ObservedSlot::Kind::ours && has_slot(wanted.decision.goal);
        const auto rendered =
            compared ? render_slot(wanted_spec(seen.known.spec, wanted)) : RenderedSlot{};
        plans[i] = plan_profile(observation, std::move(seen), wanted, rendered);
    });
    auto plan = plan_all_but_profiles(std::move(observation), std::move(desired.findings),
                                      std::move(keeper));
    plan.profiles = std::move(plans);
    return plan;
}

} // namespace gw::reconcile
