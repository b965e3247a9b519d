/// What is said to etcd and what it answers, as JSON of its gateway (`/v3/…`, etcd 3.4 and later):
/// keys and values in base64, numbers of 64 bits as text. Pure. Whatever else an answer is, it is
/// malformed: Errc::corrupt.
#pragma once

#include "base/error.hpp"
#include "base/json_object.hpp"
#include "rules/time_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::etcd {

/// 0: none.
using LeaseId = std::int64_t;
/// Grows strictly over the whole cluster; that of a key's last change is a fencing token.
using Revision = std::int64_t;

struct KeyValue {
    std::string key;
    std::string value;
    Revision create_revision = 0;
    Revision mod_revision = 0;
    LeaseId lease = 0;
};

/// Where a request goes, and its body.
struct Request {
    std::string_view path;
    Json body;
};

Request authenticate(const std::string& user, const std::string& password);
Result<std::string> read_token(const Json& answer);

Request grant(seconds ttl);
struct Lease {
    LeaseId id = 0;
    seconds ttl{0};
};
Result<Lease> read_grant(const Json& answer);

Request keep_alive(LeaseId lease);
/// How long it lives from when etcd has seen the request; 0: it is gone.
Result<seconds> read_keep_alive(const Json& answer);

Request revoke(LeaseId lease);

Request time_to_live(LeaseId lease);
/// A lease as etcd has it at this moment.
struct LeaseTime {
    seconds left{0}; ///< 0: it has ended
    seconds granted{0};
    /// Since it was granted or renewed.
    [[nodiscard]] seconds age() const { return granted - left; }
};
Result<LeaseTime> read_time_to_live(const Json& answer);

/// Of the one member of etcd that answers.
Request status();
struct Status {
    std::string version; ///< "3.4.23"
    bool has_leader = false;
    std::vector<std::string> problems{}; ///< as it words them: alarms
};
Result<Status> read_status(const Json& answer);

/// All keys that begin with the prefix, or one page of them: from `from` on, as they were at that
/// revision (0: as they are).
struct Page {
    std::string from{};
    Revision at = 0;
};
Request range_of_prefix(std::string_view prefix, const Page& page = {});
Request range_of_key(std::string_view key);
struct Range {
    std::vector<KeyValue> entries;
    Revision revision = 0; ///< of the store, when it answered
    bool more = false;     ///< the limit has cut it
};
Result<Range> read_range(const Json& answer);

Request put(std::string_view key, std::string_view value, LeaseId lease);
Request erase(std::string_view key);

/// Puts the key where it is not there; answers with what is there otherwise.
Request claim(std::string_view key, std::string_view value, LeaseId lease);
struct Claim {
    bool put = false;
    Revision revision = 0;           ///< of the put
    std::optional<KeyValue> there{}; ///< when it was not put, and had not gone in between
};
Result<Claim> read_claim(const Json& answer);

/// Removes the key if its last change is that one still; answers whether it was.
Request release(std::string_view key, Revision mod_revision);
Result<bool> read_release(const Json& answer);

/// Changes of the keys of a prefix from a revision on, as a stream of answers.
Request watch(std::string_view prefix, Revision from);
struct WatchAnswer {
    struct Event {
        bool erased = false;
        KeyValue entry; ///< of one that was erased only key and revision
    };
    std::vector<Event> events;
    Revision revision = 0;
    bool ended = false; ///< cancelled, or its revision was compacted: look again, watch anew
};
Result<WatchAnswer> read_watch(const Json& answer);

/// What etcd has refused: {"error": …, "code": N} with the codes of gRPC.
struct Refusal {
    int code = 0;
    std::string message;
    /// Another member of the cluster may do it: no leader, too busy, shutting down.
    [[nodiscard]] bool is_passing() const;
    /// A token has expired, or its issuer has been started anew.
    [[nodiscard]] bool wants_new_token() const;
};
std::optional<Refusal> read_refusal(const Json& answer);
Error to_error(const Refusal& refusal);

/// The end of the range of all keys that begin with the prefix.
std::string end_of_prefix(std::string prefix);

} // namespace gw::etcd
