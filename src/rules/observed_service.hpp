/// What a supervisor says of one gateway now: observed state. It is never written back as intent.
#pragma once

#include "base/process.hpp"
#include "rules/retirement.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace gw {

/// How the last run of a gateway ended.
struct LastExit {
    std::optional<int> code;
    std::optional<int> signal;
};

/// How long a supervisor lets a stop take before it kills.
struct KillLimit {
    std::chrono::seconds limit{0};
    std::string said_by; ///< for people: the files that say so
    std::string cure;    ///< what makes it the one that was installed; may be empty
};

struct ObservedService {
    bool registered = false; ///< there is a slot, unit or plist of this home
    bool supervised = false; ///< the supervisor watches it
    bool wants_up = false;   ///< the supervisor tries to keep it up
    bool up = false;
    std::optional<bool> ready; ///< nullopt: the gateway does not tell
    std::optional<ProcessIdentity> process;
    std::optional<std::int64_t> since; ///< seconds since the epoch of the last change up or down
    std::optional<LastExit> last_exit;
    /// The life before this one where it runs on: its supervisor was killed, and it was not.
    std::optional<ProcessIdentity> left_alive{};
    /// Another one after every change up or down, to tell "not yet" from "again"; opaque. Empty
    /// where the supervisor does not tell.
    std::string change;
    /// Which directories it was made for, where it says so.
    std::optional<SlotOrigin> made_for{};
    /// What its supervisor calls it, where that is not made from the profile's name alone.
    std::string unit;
    std::optional<bool> enabled{}; ///< it comes up with the machine; nullopt: a boot pass decides
    /// What is in force, where that can be another one than was installed (drop-ins of systemd).
    std::optional<KillLimit> kill_limit{};
    std::string drift; ///< how it differs from what this version would make; empty: it does not
};

} // namespace gw
