/// What the files of a profile prove about a life that has ended: how it ended, whether somebody
/// had asked for that, whether a parking still holds. Each of them speaks of one life, and proves
/// nothing of any other. Pure.
#pragma once

#include "base/json_object.hpp"
#include "base/moment.hpp"
#include "base/process.hpp"
#include "rules/decision.hpp"
#include "rules/verdict.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Which life a file speaks of: by the gateway's own process (behind `gatewayctl run` the
/// program's).
struct LifeName {
    ProcessIdentity process;
    std::string boot_id; ///< empty where the writer does not tell
    friend bool operator==(const LifeName&, const LifeName&) = default;
};
/// What only one of them tells does not tell them apart.
bool is_same_life(const LifeName& one, const LifeName& other);

/// `state/gateway.lifecycle.json`, of this tool or of a gateway that keeps it itself.
struct LifeRecord {
    /// `none`: there is no usable record. `unknown`: a phase that nobody knows.
    enum class Phase { none, running, exited, unknown };
    Phase phase = Phase::none;
    std::optional<LifeName> life;
    std::optional<WallTime> ended_at; ///< `ended_at`; `exited_at` in the newest ones of Python
    std::optional<int> exit_code;
    std::optional<EndCause> cause; ///< this tool's own verdict
    std::optional<bool> clean;
    std::string detail;
    /// The supervisor has told of this end: the record has proved what it could.
    bool heard = false;
};
LifeRecord read_life_record(const Json& file);

/// `.clean_shutdown`.
struct CleanNote {
    std::string progress; ///< "draining", "drained", "timed out"; empty: nothing is said
    std::optional<LifeName> life;
    WallTime written{}; ///< when the file was last changed
};
/// One word, then the life: `drained\npid=12 start_time=34 boot_id=…\n`. Without a name it proves
/// nothing; its being there is all that gateways of other kinds look for.
CleanNote parse_clean_note(std::string_view bytes, WallTime written);
std::string clean_note_text(std::string_view progress, const LifeName& life);

/// How the last life ended.
struct PriorLife {
    PriorExit exit = PriorExit::unknown;
    std::string detail; ///< "code 1", "signal 9", …; empty when nothing is known
};

/// What a profile's files say of the life before.
struct LifeTraces {
    LifeRecord record;
    std::optional<CleanNote> note;
    std::optional<ProcessIdentity> last_writer; ///< of the state file
    std::optional<std::string> gateway_state;   ///< as it stands there
};

/// Since when the life that goes on drains, as its own note tells; nullopt where it does not, or
/// where the note is of another life.
std::optional<WallTime> drains_since(const LifeTraces& traces);

/// | # | record                  | note                                   | the end was             |
/// |---|-------------------------|----------------------------------------|-------------------------|
/// | 1 | running                 | of the same life                       | unclean, "killed while …" |
/// | 2 | running                 | any other, or none                     | unclean, "killed"       |
/// | 3 | exited, not clean       | any                                    | unclean                 |
/// | 4 | exited                  | any                                    | clean                   |
/// | 5 | a phase nobody knows    | any                                    | unknown                 |
/// | 6 | none                    | drained, of the state file's writer    | clean                   |
/// | 7 | none                    | less than drained, of that writer      | unclean                 |
/// | 8 | none                    | of another life, nameless, or none     | unknown                 |
PriorLife judge_prior_life(const LifeTraces& traces);

/// An end that the supervisor tells of.
struct ToldEnd {
    int code = 0;
    std::optional<int> signal; ///< set: it ended by this signal, and `code` says nothing
    WallTime at{};
};

/// A supervisor tells of an end at once; what is older is of another life.
inline constexpr std::chrono::seconds just_now{30};

/// Whether the traces are those of this very end, and not of one before it that the life which has
/// ended now has left untouched. What the supervisor has seen beats what a file says.
///
/// | # | traces                                                                  | of this end |
/// |---|-------------------------------------------------------------------------|-------------|
/// | 1 | an end that the supervisor has told of before                           | no          |
/// | 2 | a record: exited, just now, with the code that the supervisor has seen  | yes         |
/// | 3 | any other record: running, older, from the future, another code or none | no          |
/// | 4 | no record; a note: drained, just now, of the state file's writer        | yes         |
/// | 5 | anything else                                                           | no          |
bool are_of(const LifeTraces& traces, const ToldEnd& end);

/// Whether somebody had asked for the end that the supervisor tells of: by the cause in a record of
/// `gatewayctl run`, however far the drain came; of a gateway of another kind, when its traces are
/// those of an orderly end and not of a failed start.
bool was_asked_to_end(const LifeTraces& traces, const ToldEnd& end);

/// What may have come after a parking.
struct AfterParking {
    WallTime since{}; ///< of the parking
    LifeRecord record;
    std::optional<std::string> gateway_state;
    std::optional<WallTime> state_written; ///< as the state file says
    /// Another tool has set the intent, and it was then.
    std::optional<WallTime> foreign_intent;
};

/// Why a parking is over; nullopt while it holds. Whatever ends it is newer than the parking:
///
/// | # | found                                                          | over |
/// |---|----------------------------------------------------------------|------|
/// | 1 | another tool has set the intent                                | yes  |
/// | 2 | a life has ended well (exited, clean, or with code 0 or 75)    | yes  |
/// | 3 | a life has come further than `starting` and `startup_failed`   | yes  |
/// | 4 | anything else, or nothing                                      | no   |
std::optional<std::string> what_ended_parking(const AfterParking& after);

} // namespace gw
