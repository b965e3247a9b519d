/// The end of a container, taken in order: every gateway is told at once and drains at the same
/// time, before the init's grace begins. No marker and no change of intent: the next boot brings
/// each of them back.
#pragma once

#include "operate/operator.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace gw::operate {

struct Drained {
    ProfileName profile;
    enum class End {
        was_down,
        drained,
        killed,         ///< its drain was cut off (rules/stop_end.hpp)
        still_draining, ///< at the deadline; it goes on in the init's grace
        failed,         ///< it could not be told or asked, or nobody saw how it ended
    };
    End end = End::failed;
    std::chrono::milliseconds took{0};
    std::string detail; ///< why, or the pid that still lives
};

struct DrainOptions {
    std::vector<ProfileName> only{}; ///< empty: all
    supervise::DownFor span = supervise::DownFor::this_life;
    milliseconds deadline{};
};

/// Tells every gateway of this home to go down, or those of some profiles, also one outside of its
/// supervisor, then waits for all of them until the deadline. As many processes and descriptors for
/// ten gateways as for a thousand. `report` is called for each as soon as its end is known; the
/// answers are in the order of their names. An error means that nobody was told.
Result<std::vector<Drained>> drain(const Operator& by, const DrainOptions& options,
                                   const std::function<void(const Drained&)>& report);

} // namespace gw::operate
