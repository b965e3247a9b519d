/// Whether a stop came to its end, by what the supervisor saw and what the gateway itself noted.
#pragma once

#include "rules/observed_service.hpp"
#include "rules/stop_end.hpp"
#include "store/home.hpp"
#include "sys/directory.hpp"

#include <optional>

namespace gw::operate {

/// The note as it lies there before a stop: only what is written afterwards tells of that stop.
using NoteBefore = std::optional<sys::FileInfo>;
NoteBefore note_before_stop(const store::Home& home, const ProfileName& profile);

/// What the stop of a process that is gone came to. `service` is what its supervisor says of it
/// now, without `last_exit` where the process was none of its own.
StopVerdict stop_verdict(const store::Home& home, const ProfileName& profile,
                         const NoteBefore& before, const ObservedService& service);

} // namespace gw::operate
