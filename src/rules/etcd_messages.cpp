#include "rules/etcd_messages.hpp"

#include "base/base64.hpp"
#include "base/json_fields.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::etcd {

namespace {

// The codes of gRPC that etcd answers with.
constexpr int deadline_exceeded = 4;
constexpr int not_found = 5;
constexpr int permission_denied = 7;
constexpr int resource_exhausted = 8;
constexpr int failed_precondition = 9;
constexpr int aborted = 10;
constexpr int unavailable = 14;
constexpr int unauthenticated = 16;
/// etcd before 3.5 says so of a token that it does not know.
constexpr std::string_view invalid_token = "invalid auth token";
/// Users or roles have changed since the token was given.
constexpr std::string_view old_token = "revision of auth store is old";
/// So that an answer stays far below what is read as JSON at once.
constexpr int entries_of_page = 1000;

std::unexpected<Error> malformed(std::string_view what) {
    return fail(Errc::corrupt, fmt::format("its answer is malformed: {}", what));
}

/// A number of 64 bits, which is text; what is 0 is left out.
template <std::integral Number = std::int64_t>
std::optional<Number> number_in(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return 0;
    }
    return found->is_string() ? parse_number<Number>(found->get_ref<const std::string&>())
                              : number_field<Number>(object, key);
}

std::optional<std::string> bytes_in(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end()) {
        return std::string();
    }
    return found->is_string() ? from_base64(found->get_ref<const std::string&>()) : std::nullopt;
}

const Json& member_of(const Json& object, const char* key) {
    static const Json none;
    const auto found = object.find(key);
    return found == object.end() ? none : *found;
}

Result<Revision> revision_of(const Json& answer) {
    const auto& header = member_of(answer, "header");
    const auto revision = header.is_object() ? number_in(header, "revision") : std::nullopt;
    return revision && *revision > 0 ? Result<Revision>(*revision) : malformed("no revision");
}

Result<KeyValue> read_entry(const Json& object) {
    if (!object.is_object()) {
        return malformed("a key is no object");
    }
    auto key = bytes_in(object, "key");
    auto value = bytes_in(object, "value");
    const auto create = number_in(object, "create_revision");
    const auto mod = number_in(object, "mod_revision");
    const auto lease = number_in(object, "lease");
    if (!key || key->empty() || !value || !create || !mod || !lease) {
        return malformed("a key without its parts");
    }
    return KeyValue{std::move(*key), std::move(*value), *create, *mod, *lease};
}

Json list_of(Json one) {
    auto list = Json::array();
    list.push_back(std::move(one));
    return list;
}

Json put_body(std::string_view key, std::string_view value, LeaseId lease) {
    return {{"key", to_base64(key)}, {"value", to_base64(value)}, {"lease", std::to_string(lease)}};
}

Result<bool> succeeded(const Json& answer) {
    const auto found = answer.find("succeeded");
    if (found == answer.end()) {
        return false;
    }
    return found->is_boolean() ? Result<bool>(found->get<bool>())
                               : malformed("succeeded is no boolean");
}

} // namespace

std::string end_of_prefix(std::string prefix) {
    constexpr char highest = '\xff';
    while (!prefix.empty() && prefix.back() == highest) {
        prefix.pop_back();
    }
    if (prefix.empty()) {
        return std::string(1, '\0'); // etcd's word for "to the end"
    }
    prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
    return prefix;
}

Request authenticate(const std::string& user, const std::string& password) {
    return {"/v3/auth/authenticate", {{"name", user}, {"password", password}}};
}

Result<std::string> read_token(const Json& answer) {
    const auto found = answer.find("token");
    const bool is_token =
        found != answer.end() && found->is_string() &&
        found->get_ref<const std::string&>().find_first_of("\r\n") == std::string::npos;
    return is_token ? Result<std::string>(found->get<std::string>()) : malformed("no token");
}

Request grant(seconds ttl) {
    return {"/v3/lease/grant", {{"TTL", std::to_string(ttl.count())}}};
}

Result<Lease> read_grant(const Json& answer) {
    const auto id = number_in(answer, "ID");
    const auto ttl = number_in(answer, "TTL");
    if (!id || *id == 0 || !ttl || *ttl <= 0) {
        return malformed("a lease without number or time");
    }
    return Lease{*id, seconds(*ttl)};
}

Request keep_alive(LeaseId lease) {
    return {"/v3/lease/keepalive", {{"ID", std::to_string(lease)}}};
}

Result<seconds> read_keep_alive(const Json& answer) {
    const auto& result = member_of(answer, "result");
    const auto ttl = result.is_object() ? number_in(result, "TTL") : std::nullopt;
    return ttl && *ttl >= 0 ? Result<seconds>(seconds(*ttl)) : malformed("a lease without time");
}

Request revoke(LeaseId lease) {
    return {"/v3/lease/revoke", {{"ID", std::to_string(lease)}}};
}

Request time_to_live(LeaseId lease) {
    return {"/v3/lease/timetolive", {{"ID", std::to_string(lease)}}};
}

Result<LeaseTime> read_time_to_live(const Json& answer) {
    const auto left = number_in(answer, "TTL");
    const auto granted = number_in(answer, "grantedTTL").value_or(0);
    if (!left || granted < 0) {
        return malformed("a lease without time");
    }
    // -1: nobody knows it.
    const auto bounded = std::clamp<std::int64_t>(*left, 0, granted);
    return LeaseTime{seconds(bounded), seconds(granted)};
}

Request status() {
    return {"/v3/maintenance/status", Json::object()};
}

Result<Status> read_status(const Json& answer) {
    // Unlike everything else, the name of a member is a number without sign.
    const auto leader = number_in<std::uint64_t>(answer, "leader");
    Status status{text_field(answer, "version"), leader.value_or(0) != 0};
    if (status.version.empty()) {
        return malformed("a status without version");
    }
    const auto& problems = member_of(answer, "errors");
    for (const auto& one : problems.is_array() ? problems : Json::array()) {
        if (one.is_string()) {
            status.problems.push_back(shortened(one.get<std::string>()));
        }
    }
    return status;
}

Request range_of_prefix(std::string_view prefix, const Page& page) {
    return {"/v3/kv/range",
            {{"key", to_base64(page.from.empty() ? prefix : page.from)},
             {"range_end", to_base64(end_of_prefix(std::string(prefix)))},
             {"revision", std::to_string(page.at)},
             {"limit", std::to_string(entries_of_page)}}};
}

Request range_of_key(std::string_view key) {
    return {"/v3/kv/range", {{"key", to_base64(key)}}};
}

Result<Range> read_range(const Json& answer) {
    const auto revision = revision_of(answer);
    if (!revision) {
        return std::unexpected(revision.error());
    }
    Range range{{}, *revision, is_true(answer, "more")};
    const auto& entries = member_of(answer, "kvs");
    if (!entries.is_null() && !entries.is_array()) {
        return malformed("no list of keys");
    }
    for (const auto& one : entries) {
        auto entry = read_entry(one);
        if (!entry) {
            return std::unexpected(std::move(entry.error()));
        }
        range.entries.push_back(std::move(*entry));
    }
    return range;
}

Request put(std::string_view key, std::string_view value, LeaseId lease) {
    return {"/v3/kv/put", put_body(key, value, lease)};
}

Request erase(std::string_view key) {
    return {"/v3/kv/deleterange", {{"key", to_base64(key)}}};
}

Request claim(std::string_view key, std::string_view value, LeaseId lease) {
    const auto name = to_base64(key);
    return {"/v3/kv/txn",
            {{"compare", list_of({{"target", "CREATE"}, {"key", name}, {"create_revision", "0"}})},
             {"success", list_of({{"request_put", put_body(key, value, lease)}})},
             {"failure", list_of({{"request_range", {{"key", name}}}})}}};
}

Result<Claim> read_claim(const Json& answer) {
    const auto revision = revision_of(answer);
    const auto put = succeeded(answer);
    if (!revision || !put) {
        return std::unexpected(!revision ? revision.error() : put.error());
    }
    if (*put) {
        return Claim{true, *revision};
    }
    const auto& responses = member_of(answer, "responses");
    const auto& range = responses.is_array() && !responses.empty() && responses[0].is_object()
                            ? member_of(responses[0], "response_range")
                            : Json();
    if (!range.is_object()) {
        return malformed("a transaction without what is there");
    }
    const auto& entries = member_of(range, "kvs");
    if (!entries.is_array() || entries.empty()) {
        return Claim{};
    }
    auto entry = read_entry(entries[0]);
    return entry ? Result<Claim>(Claim{false, 0, std::move(*entry)})
                 : std::unexpected(std::move(entry.error()));
}

Request release(std::string_view key, Revision mod_revision) {
    const auto name = to_base64(key);
    return {"/v3/kv/txn",
            {{"compare", list_of({{"target", "MOD"},
                                  {"key", name},
                                  {"mod_revision", std::to_string(mod_revision)}})},
             {"success", list_of({{"request_delete_range", {{"key", name}}}})}}};
}

Result<bool> read_release(const Json& answer) {
    const auto revision = revision_of(answer);
    return revision ? succeeded(answer) : std::unexpected(revision.error());
}

Request watch(std::string_view prefix, Revision from) {
    return {"/v3/watch",
            {{"create_request",
              {{"key", to_base64(prefix)},
               {"range_end", to_base64(end_of_prefix(std::string(prefix)))},
               {"start_revision", std::to_string(from)}}}}};
}

Result<WatchAnswer> read_watch(const Json& answer) {
    const auto& result = member_of(answer, "result");
    if (!result.is_object()) {
        return malformed("a watch without a result");
    }
    const auto revision = revision_of(result);
    if (!revision) {
        return std::unexpected(revision.error());
    }
    WatchAnswer read{{}, *revision, is_true(result, "canceled")};
    const auto compacted = number_in(result, "compact_revision");
    read.ended = read.ended || (compacted && *compacted > 0);
    const auto& events = member_of(result, "events");
    if (!events.is_null() && !events.is_array()) {
        return malformed("no list of events");
    }
    for (const auto& event : events) {
        auto entry = event.is_object() ? read_entry(member_of(event, "kv")) : malformed("an event");
        if (!entry) {
            return std::unexpected(std::move(entry.error()));
        }
        read.events.push_back({text_field(event, "type") == "DELETE", std::move(*entry)});
    }
    return read;
}

bool Refusal::is_passing() const {
    return code == unavailable || code == deadline_exceeded || code == aborted ||
           code == resource_exhausted;
}

bool Refusal::wants_new_token() const {
    return code == unauthenticated || message.find(invalid_token) != std::string::npos ||
           message.find(old_token) != std::string::npos;
}

std::optional<Refusal> read_refusal(const Json& answer) {
    // A stream wraps it once more.
    const auto& wrapped = member_of(answer, "error");
    const auto& refusal = wrapped.is_object() ? wrapped : answer;
    const char* code_key = wrapped.is_object() && !wrapped.contains("code") ? "grpc_code" : "code";
    const auto code = number_field<int>(refusal, code_key);
    auto message = text_field(refusal, "message");
    if (message.empty() && wrapped.is_string()) {
        message = wrapped.get<std::string>();
    }
    if (!code && message.empty()) {
        return std::nullopt;
    }
    return Refusal{code.value_or(0), shortened(message)};
}

Error to_error(const Refusal& refusal) {
    const auto said = "etcd has refused it: " + printable(refusal.message);
    switch (refusal.code) {
    case not_found:
        return {Errc::not_found, said, {}};
    case permission_denied:
    case unauthenticated:
        return {Errc::not_permitted, said,
                "etcdctl user get USER --detail shows what its roles may do; user and "
                "password_file stand below fleet in gatewayctl.yaml"};
    case deadline_exceeded:
    case unavailable:
        return {Errc::timed_out, said,
                "etcdctl endpoint status --cluster shows whether it has a "
                "leader"};
    case resource_exhausted:
        return {Errc::io, said, "etcdctl alarm list; etcdctl endpoint status --cluster"};
    case failed_precondition:
        return {Errc::conflict, said, {}};
    default:
        return {Errc::command_failed, said, {}};
    }
}

} // namespace gw::etcd
