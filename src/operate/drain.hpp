/// The end of a container, taken in order: every gateway drains at the same time, before the init's
/// grace begins. No marker and no change of intent: the next boot brings each of them back.
#pragma once

#include "supervise/manager.hpp"

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
        killed,         ///< by SIGKILL, as at its timeout-kill: its drain was cut off
        still_draining, ///< at the deadline; it goes on in the init's grace
        failed,         ///< it could not be told or asked
    };
    End end = End::failed;
    std::chrono::milliseconds took{0};
    std::string detail; ///< why, or the pid that still lives
};

/// Tells every gateway of this home to go down, then waits for all of them until the deadline.
/// `report` is called for each as soon as its end is known. An error means that nobody was told.
Result<std::vector<Drained>> drain_all(sys::Effects& effects, supervise::ServiceManager& manager,
                                       std::chrono::milliseconds deadline,
                                       const std::function<void(const Drained&)>& report);

} // namespace gw::operate
