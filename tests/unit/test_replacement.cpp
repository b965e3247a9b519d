#include "fakes.hpp"
#include "support.hpp"
#include "sys/replacement.hpp"

#include <set>

using namespace gw;

TEST_CASE("replacement: a temporary name is not used twice, whatever the pid") {
    const test::TemporaryHome home;
    const auto at = sys::Directory::open(home.path());
    std::set<std::string> names;
    for (int i = 0; i < 100; ++i) {
        const auto made = sys::make_temporary(*at, "x.json", 0600);
        REQUIRE(made.fd);
        CHECK(sys::is_temporary_name(made.name));
        CHECK(names.insert(made.name).second);
    }
}

TEST_CASE("replacement: a leftover goes, a file that is being written stays") {
    const test::TemporaryHome home;
    const auto at = sys::Directory::open(home.path());
    auto made = sys::make_temporary(*at, "x.json", 0600);
    CHECK(sys::remove_leftover(*at, made.name));
    CHECK(at->has(made.name));
    made.fd.reset();
    CHECK(sys::remove_leftover(*at, made.name));
    CHECK_FALSE(at->has(made.name));
    CHECK(sys::remove_leftover(*at, made.name));
}

TEST_CASE("replacement: only a name that is provably a temporary one is a leftover's") {
    for (const char* name : {".x.json.tmp-0123456789abcdef", "..gateway-intent.json.tmp-17-3"}) {
        CAPTURE(name);
        CHECK(sys::is_temporary_name(name));
    }
    for (const char* name :
         {"x.json.tmp-0123456789abcdef", ".x.json", ".x.json.tmp-", ".tmp-12-3",
          ".x.tmp-0123456789ABCDEF", ".x.tmp-0123456789abcde", ".x.tmp-17", ".x.json.tmp-notes"}) {
        CAPTURE(name);
        CHECK_FALSE(sys::is_temporary_name(name));
        const test::TemporaryHome home;
        const auto at = sys::Directory::open(home.path());
        std::ofstream(home.path() + "/" + name) << "mine";
        CHECK(sys::remove_leftover(*at, name));
        CHECK(at->has(name));
    }
}
