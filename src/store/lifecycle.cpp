#include "store/lifecycle.hpp"

#include "store/state_file.hpp"

namespace gw::store {

PriorLife read_prior_life(const sys::Directory& profile) {
    const auto file = read_json_file(profile, lifecycle_file_name);
    if (file.answer != FileAnswer::ok) {
        return {};
    }
    const auto phase = file.object.find("phase");
    if (phase == file.object.end() || !phase->is_string()) {
        return {};
    }
    PriorLife life;
    if (*phase == "running") {
        life.exit = PriorExit::unclean;
    } else if (*phase == "exited") {
        const auto clean = file.object.find("clean");
        const bool said_unclean = clean != file.object.end() && *clean == false;
        life.exit = said_unclean ? PriorExit::unclean : PriorExit::clean;
    }
    if (const auto detail = file.object.find("detail");
        detail != file.object.end() && detail->is_string()) {
        life.detail = detail->get<std::string>();
    }
    return life;
}

} // namespace gw::store
