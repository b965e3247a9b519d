#include "base/base64.hpp"
#include "rules/etcd_messages.hpp"

#include <doctest/doctest.h>

using namespace gw;

namespace {

Json parsed(std::string_view text) {
    return parse_json_object(text).value();
}

} // namespace

TEST_CASE("base64: the vectors of RFC 4648, both ways") {
    const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                           {"f", "Zg=="},
                                                           {"fo", "Zm8="},
                                                           {"foo", "Zm9v"},
                                                           {"foob", "Zm9vYg=="},
                                                           {"fooba", "Zm9vYmE="},
                                                           {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        CHECK(to_base64(bytes) == text);
        CHECK(from_base64(text) == bytes);
    }
    const std::string all("\x00\xff\x80/+", 5);
    CHECK(from_base64(to_base64(all)) == all);
}

TEST_CASE("base64: what is no whole group of the alphabet is nothing") {
    for (const char* text :
         {"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9v\n", "Zm 9", "=Zg="}) {
        CAPTURE(text);
        CHECK(!from_base64(text));
    }
}

TEST_CASE("etcd: the end of a prefix is the first key behind all of it") {
    CHECK(etcd::end_of_prefix("/a/") == "/a0");
    CHECK(etcd::end_of_prefix("a\xff") == "b");
    CHECK(etcd::end_of_prefix("\xff\xff") == std::string(1, '\0'));
}

TEST_CASE("etcd: a lease without number or time is none") {
    CHECK(etcd::read_grant(parsed(R"({"ID":"7","TTL":"5"})"))->id == 7);
    for (const char* text : {R"({})", R"({"ID":"0","TTL":"5"})", R"({"ID":"7"})",
                             R"({"ID":"7","TTL":"-1"})", R"({"ID":"x","TTL":"5"})"}) {
        CAPTURE(text);
        CHECK(etcd::read_grant(parsed(text)).error().code == Errc::corrupt);
    }
}

TEST_CASE(
    "etcd: a lease that is gone has no time left, and one that nobody speaks of is no answer") {
    CHECK(etcd::read_keep_alive(parsed(R"({"result":{"ID":"7","TTL":"5"}})")) == seconds(5));
    CHECK(etcd::read_keep_alive(parsed(R"({"result":{"ID":"7"}})")) == seconds(0));
    CHECK(!etcd::read_keep_alive(parsed(R"({})")));
    CHECK(!etcd::read_keep_alive(parsed(R"({"result":{"TTL":"-5"}})")));
}

TEST_CASE("etcd: a claim says whose the key is, or that it has gone in between") {
    const auto put = etcd::read_claim(parsed(R"({"header":{"revision":"9"},"succeeded":true})"));
    CHECK((put->put && put->revision == 9));
    const auto there = etcd::read_claim(
        parsed(R"({"header":{"revision":"9"},"responses":[{"response_range":{"kvs":[{"key":"YQ==",)"
               R"("value":"Yg==","create_revision":"3","mod_revision":"4","lease":"5"}]}}]})"));
    REQUIRE(there->there);
    CHECK((!there->put && there->there->value == "b" && there->there->mod_revision == 4 &&
           there->there->lease == 5));
    const auto gone = etcd::read_claim(
        parsed(R"({"header":{"revision":"9"},"responses":[{"response_range":{}}]})"));
    CHECK((!gone->put && !gone->there));
    CHECK(!etcd::read_claim(parsed(R"({"header":{"revision":"9"}})")));
    CHECK(!etcd::read_claim(parsed(R"({"succeeded":true})")));
    CHECK(!etcd::read_claim(parsed(R"({"header":{"revision":"9"},"succeeded":1})")));
}

TEST_CASE("etcd: a watch that was cancelled or compacted has ended") {
    const auto news = etcd::read_watch(parsed(
        R"({"result":{"header":{"revision":"9"},"events":[{"type":"DELETE","kv":{"key":"YQ==",)"
        R"("mod_revision":"9"}},{"kv":{"key":"Yg==","value":"Yw==","mod_revision":"9"}}]}})"));
    REQUIRE(news->events.size() == 2);
    CHECK((news->events[0].erased && !news->events[1].erased && !news->ended));
    CHECK(etcd::read_watch(parsed(R"({"result":{"header":{"revision":"9"},"canceled":true}})"))
              ->ended);
    CHECK(
        etcd::read_watch(parsed(R"({"result":{"header":{"revision":"9"},"compact_revision":"4"}})"))
            ->ended);
}

TEST_CASE("etcd: a refusal is told from an answer, in each of the forms that it has") {
    CHECK(!etcd::read_refusal(parsed(R"({"header":{"revision":"9"}})")));
    const auto plain =
        etcd::read_refusal(parsed(R"({"error":"x","message":"etcdserver: no leader","code":14})"));
    CHECK((plain->code == 14 && plain->is_passing()));
    const auto wrapped =
        etcd::read_refusal(parsed(R"({"error":{"grpc_code":5,"message":"lease not found"}})"));
    CHECK((wrapped->code == 5 && etcd::to_error(*wrapped).code == Errc::not_found));
    const auto token = etcd::read_refusal(
        parsed(R"({"error":"etcdserver: invalid auth token","code":16,"message":"x"})"));
    CHECK((token->wants_new_token() && !token->is_passing()));
    CHECK(etcd::to_error({7, "permission denied"}).code == Errc::not_permitted);
}

TEST_CASE("etcd: a member's status has a version, perhaps a leader, and what it says of itself") {
    const auto well = etcd::read_status(
        parsed(R"({"version":"3.4.23","leader":"10276657743932975437"})")); // above 2^63
    REQUIRE(well);
    CHECK(well->version == "3.4.23");
    CHECK(well->has_leader);
    CHECK(well->problems.empty());
    CHECK_FALSE(etcd::read_status(parsed(R"({"version":"3.4.23"})"))->has_leader);
    CHECK(etcd::read_status(parsed(R"({"version":"3","errors":["alarm:NOSPACE ",7]})"))->problems ==
          std::vector<std::string>{"alarm:NOSPACE "});
    CHECK(etcd::read_status(parsed(R"({"leader":"7"})")).error().code == Errc::corrupt);
}
