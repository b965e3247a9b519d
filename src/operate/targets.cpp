#include "operate/targets.hpp"

#include "base/natural_order.hpp"
#include "base/text.hpp"
#include "store/intent_store.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::operate {

namespace {

bool is_meant_to_run(const Operator& by, const ProfileName& profile) {
    const auto directory = by.home.find(profile);
    if (!directory || !*directory) {
        return false;
    }
    const auto intent = store::read_intent(**directory).resolved.kind;
    if (intent == Intent::Kind::none) {
        const auto service = by.manager.observe(profile);
        return service && service->up;
    }
    return intent == Intent::Kind::running;
}

} // namespace

Targets every_registered(const Operator& by) {
    auto found = by.manager.list();
    if (found) {
        std::stable_sort(found->begin(), found->end(), [](const auto& a, const auto& b) {
            return profile_less(a.str(), b.str());
        });
    }
    return found;
}

Targets every_one_meant_to_run(const Operator& by) {
    auto found = every_registered(by);
    if (found) {
        std::erase_if(*found, [&](const auto& profile) { return !is_meant_to_run(by, profile); });
    }
    return found;
}

Targets every_profile(const Operator& by) {
    auto found = by.home.profiles();
    if (found.incomplete) {
        return fail(Errc::io, "not every profile of " + by.home.path() + " can be seen",
                    "gatewayctl doctor");
    }
    for (const auto& one : found.invalid) {
        sys::log_warning(
            fmt::format("'{}' is left out: {}", printable(one.name), printable(one.why)));
    }
    return std::move(found.names);
}

} // namespace gw::operate
