#include "inspect/previous_life.hpp"

#include <vector>

namespace gw::inspect {

namespace {

using Kind = store::LifeEventKind;

bool is_end(const store::LifeEvent& event) {
    return event.kind == Kind::ended || event.kind == Kind::crashed;
}

} // namespace

std::optional<LifeWindow> previous_life(std::span<const store::LifeEvent> events) {
    // Its last lines are written a moment after its end was recorded, and the next life does not
    // begin as soon.
    constexpr std::chrono::milliseconds last_words{500};
    std::vector<WallTime> ends;
    bool runs = false;
    for (const auto& event : events) {
        if (is_end(event)) {
            ends.push_back(event.at + last_words);
            runs = false;
        } else if (event.kind == Kind::began) {
            if (runs) {
                ends.push_back(event.at); // nobody recorded the end of the life before
            }
            runs = true;
        }
    }
    if (ends.empty()) {
        return std::nullopt;
    }
    const auto from = ends.size() > 1 ? ends[ends.size() - 2] : WallTime{};
    // Where the clock was set back meanwhile, more is shown rather than nothing.
    return LifeWindow{from < ends.back() ? from : WallTime{}, ends.back()};
}

Result<LifeWindow> previous_life(const store::Home& home, const ProfileName& profile) {
    const auto directory = home.require(profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto found = previous_life(store::read_life_log(*directory));
    return found ? Result<LifeWindow>(*found)
                 : fail(Errc::not_found,
                        "nothing was recorded of a life of '" + profile.str() + "' before this one",
                        "gatewayctl logs " + profile.str());
}

} // namespace gw::inspect
