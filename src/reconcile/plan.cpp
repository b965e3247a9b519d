#include "reconcile/plan.hpp"

#include "render/slot.hpp"

namespace gw::reconcile {

Plan make_plan(Observation observation, RenderedSlot keeper) {
    std::vector<KnownProfile> known;
    known.reserve(observation.profiles.size());
    for (const auto& profile : observation.profiles) {
        known.push_back(profile.known);
    }
    auto desired = desire(observation.container, known, observation.ports);
    std::vector<RenderedSlot> rendered;
    rendered.reserve(desired.profiles.size());
    for (const auto& profile : desired.profiles) {
        const bool wanted = has_slot(profile.decision.goal);
        rendered.push_back(wanted ? render_slot(profile.spec) : RenderedSlot{});
    }
    return plan_difference(std::move(observation), std::move(desired), std::move(rendered),
                           std::move(keeper));
}

} // namespace gw::reconcile
