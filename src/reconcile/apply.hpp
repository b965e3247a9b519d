/// Carries a plan out. One bad profile never stops the rest: every failure is kept with its
/// profile.
#pragma once

#include "reconcile/profile_directories.hpp"
#include "rules/plan.hpp"
#include "rules/settings.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <vector>

namespace gw::reconcile {

/// What became of one profile's part of the plan.
struct Outcome {
    std::vector<Error> errors; ///< empty: all of it was done
    /// The slot is as planned, whatever else failed (a stale file that cannot be removed, …).
    bool slot_agrees = true;
};

struct Report {
    std::vector<Outcome> profiles;        ///< in the order of Plan::profiles
    std::vector<ProfileName> not_retired; ///< of Plan::retired
    std::vector<Error> errors;            ///< of retired slots, leftovers, rescan and boot log
    bool doubts = false;                  ///< see Plan::leaves_doubts
    [[nodiscard]] bool failed() const;
};

/// `directories` are those that were observed, and `lock` is the scandir's, taken before: the facts
/// of the plan still hold. The drain timeout in `settings` bounds the wait for a retired gateway.
Report apply(sys::Effects& effects, const Plan& plan, const ProfileDirectories& directories,
             const supervise::Scandir& scandir, const Settings& settings,
             const sys::FileLock& lock);

} // namespace gw::reconcile
