/// What a gateway that handles its own signals records of its life: what `gatewayctl run` would, by
/// the same functions.
#pragma once

#include "base/process.hpp"
#include "rules/verdict.hpp"
#include "run/ledger.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <string>

namespace gw::run {

/// Why it ends, as far as it knows.
enum class OwnCause {
    planned_stop,
    takeover,
    restart,
    unmarked_signal, ///< it was signalled; a marker that is there by now says why
    finished,        ///< by itself
};

struct OwnEnd {
    OwnCause cause = OwnCause::finished;
    int exit_code = 0; ///< with which it would end by itself
    DrainEnd drain = DrainEnd::drained;
    std::string words; ///< why, for people; may be empty
};

/// Records `process`'s state. The first one begins its life (lifecycle record, `gateway.pid`, no
/// `.clean_shutdown`), `draining` notes the stop first. Errc::conflict when `gatewayctl run` holds
/// the profile: that one records.
Result<void> record_own_state(sys::Effects& effects, const sys::Directory& profile,
                              const ProcessIdentity& process, LiveState state);

/// Records the end of its life by the one rule (rules/verdict.hpp), and answers with the verdict:
/// the code with which it has to exit. A life of which nothing was recorded is begun first, so that
/// the end is not that of an earlier one.
Result<Verdict> record_own_end(sys::Effects& effects, const sys::Directory& profile,
                               const ProcessIdentity& process, const OwnEnd& end);

} // namespace gw::run
