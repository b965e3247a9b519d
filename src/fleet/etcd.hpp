/// A client of etcd: several members of one cluster, tried one after the other within the time of a
/// request. For one coroutine at a time; who needs two requests at once has two clients.
#pragma once

#include "fleet/wire.hpp"
#include "rules/etcd_messages.hpp"

#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace gw::fleet {

class Etcd {
  public:
    /// `settings` outlives it. Each request has an answer within `patience`.
    Etcd(const FleetSettings& settings, std::chrono::milliseconds patience);

    Task<Result<etcd::Lease>> grant(seconds ttl);
    /// 0: it is gone.
    Task<Result<seconds>> keep_alive(etcd::LeaseId lease);
    Task<Result<etcd::LeaseTime>> time_to_live(etcd::LeaseId lease);
    /// Gone already is success.
    Task<Result<void>> revoke(etcd::LeaseId lease);
    Task<Result<etcd::Range>> range_of_key(std::string key);
    /// All of them, as they were at one moment.
    Task<Result<etcd::Range>> range_of_prefix(std::string prefix);
    /// Puts the key if nobody has it. One that stands there under this lease already is ours: the
    /// answer to an earlier try was lost.
    Task<Result<etcd::Claim>> claim(std::string key, std::string value, etcd::LeaseId lease);
    /// If its last change is that one still; answers whether it was.
    Task<Result<bool>> release(std::string key, etcd::Revision mod_revision);
    Task<Result<void>> put(std::string key, std::string value, etcd::LeaseId lease = 0);
    Task<Result<void>> erase(std::string key);
    /// Of the one member of the cluster that answers.
    struct MemberStatus {
        etcd::Status status;
        std::optional<WallTime> date; ///< what its wall clock said, in whole seconds
    };
    Task<Result<MemberStatus>> status();

    /// For a request of somebody else's; empty where etcd knows no users.
    Task<Result<std::string>> token();

  private:
    struct Attempt {
        Result<Json> answer;
        bool passing = false; ///< another member, or the same one later, may answer otherwise
    };

    Task<Result<Json>> ask(etcd::Request request);
    Task<Attempt> try_once(const etcd::Request& request, Until until);
    Task<Attempt> exchange(std::string path, std::string body, Until until);
    Task<Attempt> log_in(Until until);
    [[nodiscard]] const FleetEndpoint& endpoint() const;
    Error at_endpoint(Error error) const;

    const FleetSettings& settings_;
    std::chrono::milliseconds patience_;
    std::size_t endpoint_ = 0;
    std::unique_ptr<Wire> wire_;
    std::string token_;
    std::optional<WallTime> date_{}; ///< of the last answer
    std::minstd_rand dice_;
};

} // namespace gw::fleet
