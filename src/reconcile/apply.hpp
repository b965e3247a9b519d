/// Carries a plan out. One bad profile never stops the rest: every failure is kept with its
/// profile.
#pragma once

#include "reconcile/profile_directories.hpp"
#include "rules/plan.hpp"
#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <functional>
#include <vector>

namespace gw::reconcile {

/// What became of one profile's part of the plan.
struct Outcome {
    std::vector<Error> errors; ///< empty: all of it was done
    /// The slot is as planned, whatever else failed (a stale file that cannot be removed, …).
    bool slot_agrees = true;
    /// Something else was asked for while the pass was under way: the slot is left to who did that.
    bool overtaken = false;
};

struct Report {
    std::vector<Outcome> profiles;        ///< in the order of Plan::profiles
    std::vector<ProfileName> not_retired; ///< of Plan::retired
    std::vector<Error> errors;            ///< of retired slots, leftovers, rescan and boot log
    bool doubts = false;                  ///< see Plan::leaves_doubts
    [[nodiscard]] bool failed() const;
};

/// What is to become of the slot of a profile, as its files say now.
using DecideAgain = std::function<SlotGoal(const ProfileName&, const sys::Directory&)>;

/// What a plan is carried out on. The scandir's lock was taken before it was looked at, so what the
/// plan knows of slots still holds; of the volume it does not: operations go on meanwhile.
struct Ground {
    const ProfileDirectories& directories; ///< that were observed
    const supervise::Scandir& scandir;
    const sys::FileLock& scandir_lock;
    milliseconds retirement{}; ///< the longest wait for a retired gateway
    DecideAgain decide_again;
};

Report apply(sys::Effects& effects, const Plan& plan, const Ground& ground);

} // namespace gw::reconcile
