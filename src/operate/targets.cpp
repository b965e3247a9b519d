#include "operate/targets.hpp"

#include "store/intent_store.hpp"

namespace gw::operate {

bool is_meant_to_run(const supervise::ServiceManager& manager, const store::Home& home,
                     const ProfileName& profile) {
    const auto directory = home.find(profile);
    if (!directory || !*directory) {
        return false;
    }
    const auto intent = store::read_intent(**directory).resolved.kind;
    if (intent == Intent::Kind::none) {
        const auto service = manager.observe(profile);
        return service && service->up;
    }
    return intent == Intent::Kind::running;
}

} // namespace gw::operate
