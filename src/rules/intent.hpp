/// The operator's intent, and who wins when the two files that carry it disagree.
///
/// Gateways in the field rewrite `gateway_state.json` without a lock and can put an old
/// `desired_state` back, so the intent has a file of its own and a generation that grows with every
/// change. The state file carries a mirror, because readers in the field look for it there.
#pragma once

#include "rules/author.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

enum class DesiredState { running, stopped };

std::string_view to_string(DesiredState state);

/// A `desired_state` as found: one of the two words, or something else that is kept for the report.
struct DesiredWord {
    std::optional<DesiredState> state; ///< nullopt: neither "running" nor "stopped"
    std::string text;
    friend bool operator==(const DesiredWord&, const DesiredWord&) = default;
};

DesiredWord parse_desired(std::string_view text);

/// How a file on the volume answered.
enum class FileAnswer {
    absent,
    unreadable, ///< EACCES, EIO, a symlink, a FIFO, a directory: the content is not known
    corrupt,    ///< read, but not what it should be
    ok,
};

/// Time of the last change of a file in nanoseconds of the wall clock (st_mtim).
using FileTime = std::int64_t;

/// What the mirror in the state file says.
struct MirrorFacts {
    FileAnswer answer = FileAnswer::absent;
    std::optional<DesiredWord> desired;
    std::optional<std::uint64_t> generation;
    FileTime changed = 0;
};

/// Who changed an intent, when and why: of the change that counts, whoever has written it down.
struct Provenance {
    std::string program;    ///< "gatewayctl stop"
    std::string reason;     ///< "operator", "legacy-command", "register", …
    std::string note;       ///< what was typed behind --reason
    std::string changed_at; ///< RFC 3339
    Author author;
};

/// What the intent file says.
struct IntentFacts {
    FileAnswer answer = FileAnswer::absent;
    DesiredWord desired;
    std::uint64_t generation = 0;
    FileTime changed = 0;
    Provenance provenance;
};

/// Which of the two files has to follow the other.
enum class IntentRepair {
    none,
    mirror_follows,
    intent_file_follows,
    both_are_named_anew, ///< they agree, but the profile was renamed, moved or restored
};

struct Intent {
    enum class Kind {
        none,       ///< nobody asked for anything
        running,    ///
        stopped,    ///
        unknown,    ///< asked for something that is neither
        unreadable, ///< a file that may hold it cannot be read and the other does not answer
    };
    Kind kind = Kind::none;
    std::string text; ///< the word as found, for the report
    std::uint64_t generation = 0;
    IntentRepair repair = IntentRepair::none;
};

/// The table "who wins" of the design notes (docs/design.md, "Intent"):
///
/// | mirror                                | winner                                      |
/// |---------------------------------------|---------------------------------------------|
/// | absent, no word                       | the intent file; mirror repaired            |
/// | unreadable, corrupt                   | the intent file                             |
/// | generation equal                      | the mirror; the intent file follows         |
/// | generation lower                      | the intent file; mirror repaired            |
/// | generation higher                     | the mirror (the intent file is a restored   |
/// |                                       | copy); the intent file follows              |
/// | word without generation               | the newer file by mtime                     |
Intent resolve_intent(const MirrorFacts& mirror, const IntentFacts& intent_file);

/// Who is behind the intent that won: what the intent file says when that is its own word, else
/// another tool, of which nothing more is known. Nullopt when there is no intent.
std::optional<Provenance> provenance_of(const Intent& intent, const IntentFacts& intent_file);

} // namespace gw
