#include "rules/intent.hpp"
#include "support.hpp"

using namespace gw;

namespace {

constexpr FileTime older = 100;
constexpr FileTime newer = 200;

MirrorFacts mirror(std::optional<const char*> word,
                   std::optional<std::uint64_t> generation = std::nullopt, FileTime changed = older,
                   FileAnswer answer = FileAnswer::ok) {
    MirrorFacts facts;
    facts.answer = answer;
    facts.changed = changed;
    if (word) {
        facts.desired = parse_desired(*word);
    }
    facts.generation = generation;
    return facts;
}

MirrorFacts no_mirror(FileAnswer answer) {
    return mirror(std::nullopt, std::nullopt, older, answer);
}

IntentFacts intent_file(const char* word, std::uint64_t generation, FileTime changed = older) {
    IntentFacts facts;
    facts.answer = FileAnswer::ok;
    facts.desired = parse_desired(word);
    facts.generation = generation;
    facts.changed = changed;
    return facts;
}

IntentFacts no_intent_file(FileAnswer answer = FileAnswer::absent) {
    IntentFacts facts;
    facts.answer = answer;
    return facts;
}

using Kind = Intent::Kind;
using enum IntentRepair;

struct Row {
    std::string rule;
    MirrorFacts mirror;
    IntentFacts intent_file;
    Kind kind;
    IntentRepair repair;
    std::uint64_t generation;
};

} // namespace

TEST_CASE("intent: who wins when the two files disagree") {
    const std::vector<Row> table = {
        {"neither file: no intent", no_mirror(FileAnswer::absent), no_intent_file(), Kind::none,
         none, 0},
        {"a state file without a word and no intent file: no intent", mirror(std::nullopt),
         no_intent_file(), Kind::none, none, 0},
        {"no state file: the intent file, and a mirror for tools that know nothing else",
         no_mirror(FileAnswer::absent), intent_file("stopped", 3), Kind::stopped, mirror_follows,
         3},
        {"unreadable state file: the intent file, nothing repaired",
         no_mirror(FileAnswer::unreadable), intent_file("running", 3), Kind::running, none, 3},
        {"corrupt state file: the intent file, nothing repaired", no_mirror(FileAnswer::corrupt),
         intent_file("stopped", 3), Kind::stopped, none, 3},
        {"the state file lost the word: the intent file, mirror repaired", mirror(std::nullopt),
         intent_file("stopped", 3), Kind::stopped, mirror_follows, 3},
        {"both agree: nothing to do", mirror("running", 3), intent_file("running", 3),
         Kind::running, none, 3},
        {"same generation, other word: a foreign tool changed it knowingly", mirror("stopped", 3),
         intent_file("running", 3), Kind::stopped, intent_file_follows, 3},
        {"lower generation: an old copy was written back", mirror("running", 2),
         intent_file("stopped", 3), Kind::stopped, mirror_follows, 3},
        {"lower generation, same word: the mirror is repaired too", mirror("stopped", 2),
         intent_file("stopped", 3), Kind::stopped, mirror_follows, 3},
        {"lower generation, newer file: still an old copy", mirror("running", 2, newer),
         intent_file("stopped", 3), Kind::stopped, mirror_follows, 3},
        {"higher generation: the intent file is a restored copy", mirror("stopped", 4),
         intent_file("running", 3), Kind::stopped, intent_file_follows, 4},
        {"a word without generation in a newer state file wins",
         mirror("stopped", std::nullopt, newer), intent_file("running", 3, older), Kind::stopped,
         intent_file_follows, 3},
        {"a word without generation in an older state file loses",
         mirror("stopped", std::nullopt, older), intent_file("running", 3, newer), Kind::running,
         mirror_follows, 3},
        {"a word without generation in a file of the same time loses",
         mirror("stopped", std::nullopt, older), intent_file("running", 3, older), Kind::running,
         mirror_follows, 3},
        {"a word and no intent file: the state file", mirror("stopped"), no_intent_file(),
         Kind::stopped, none, 1},
        {"a word and a corrupt intent file: the state file, the intent file follows",
         mirror("running", 5), no_intent_file(FileAnswer::corrupt), Kind::running,
         intent_file_follows, 5},
        {"a word and an unreadable intent file: the state file, nothing is written",
         mirror("running", 5), no_intent_file(FileAnswer::unreadable), Kind::running, none, 5},
        {"no word and an unreadable intent file: unreadable, not absent", mirror(std::nullopt),
         no_intent_file(FileAnswer::unreadable), Kind::unreadable, none, 0},
        {"no state file and an unreadable intent file: unreadable", no_mirror(FileAnswer::absent),
         no_intent_file(FileAnswer::unreadable), Kind::unreadable, none, 0},
        {"no word and a corrupt intent file: something was asked for, nobody knows what",
         mirror(std::nullopt), no_intent_file(FileAnswer::corrupt), Kind::unknown, none, 0},
        {"a word that is neither is an answer", mirror("paused"), no_intent_file(), Kind::unknown,
         none, 1},
        {"a word that is neither is never copied to the intent file", mirror("paused", 3),
         intent_file("running", 3), Kind::unknown, none, 3},
        {"a word that is neither is never copied to the mirror", mirror("running", 2),
         intent_file("paused", 3), Kind::unknown, none, 3},
    };
    for (const auto& row : table) {
        CAPTURE(row.rule);
        const auto intent = resolve_intent(row.mirror, row.intent_file);
        CHECK(intent.kind == row.kind);
        CHECK(intent.repair == row.repair);
        CHECK(intent.generation == row.generation);
    }
}

TEST_CASE("intent: the offending word is kept for the report") {
    CHECK(resolve_intent(mirror("paused"), no_intent_file()).text == "paused");
}

TEST_CASE("intent: only the two exact words are known") {
    CHECK(parse_desired("running").state == DesiredState::running);
    CHECK(parse_desired("stopped").state == DesiredState::stopped);
    for (const std::string other : {"", "Running", "stopped\n", " running", "none"}) {
        CAPTURE(other);
        CHECK_FALSE(parse_desired(other).state);
        CHECK(parse_desired(other).text == other);
    }
}
