#include "rules/registration.hpp"
#include "support.hpp"

using namespace gw;

namespace {

constexpr std::uint64_t then = 4;

Unregistration at_generation(std::uint64_t generation) {
    return {"2026-11-26T00:00:00Z", {}, generation};
}

bool counts(Intent::Kind kind, std::uint64_t generation, IntentRepair repair = IntentRepair::none) {
    return still_counts(at_generation(then), {kind, {}, generation, repair});
}

} // namespace

TEST_CASE("registration: what was unregistered stays so, whatever was wanted of it then") {
    using enum Intent::Kind;
    for (const auto kind : {none, running, stopped, unknown, unreadable}) {
        CHECK(counts(kind, then));
        CHECK(counts(kind, then, IntentRepair::mirror_follows)); // an old copy was written back
        CHECK(counts(kind, 0));
    }
}

TEST_CASE(
    "registration: another tool that starts it registers it, and one that stops it does not") {
    CHECK_FALSE(counts(Intent::Kind::running, then + 1));
    CHECK_FALSE(counts(Intent::Kind::running, then, IntentRepair::intent_file_follows));
    CHECK(counts(Intent::Kind::stopped, then + 1));
    CHECK(counts(Intent::Kind::stopped, then, IntentRepair::intent_file_follows));
    CHECK(counts(Intent::Kind::none, then + 1));
}
