/// etcd as its clients see it: one store with leases, revisions and transactions, which answers in
/// the words of its JSON interface. That its members agree on it is taken for granted.
#pragma once

#include "base/json_object.hpp"
#include "rules/etcd_messages.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gw::fleet_simulation {

class EtcdModel {
  public:
    using Nanos = std::chrono::nanoseconds;

    struct Change {
        bool erased = false;
        etcd::KeyValue entry;        ///< as it is now; of an erased one key and revision
        etcd::Revision replaced = 0; ///< what its mod_revision was; 0: it was not there
    };

    /// Does what a request asks for, at this moment of the true clock.
    std::string answer(std::string_view path, const std::string& body, Nanos now);

    /// Ends the leases whose time is over.
    void expire(Nanos now);
    /// A new leader gives every lease its whole time again.
    void elect_leader(Nanos now);

    /// Of these keys, from a revision on.
    [[nodiscard]] std::vector<Change> changes(const std::string& prefix, etcd::Revision from) const;
    [[nodiscard]] etcd::Revision revision() const { return revision_; }

    void put(const std::string& key, const std::string& value, etcd::LeaseId lease = 0);
    void erase(const std::string& key);

    std::function<void(const Change&)> on_change;
    double rate = 1; ///< of its clock, beside the true one

  private:
    struct Lease {
        std::int64_t ttl = 0;
        Nanos ends{0};
    };

    Json do_it(std::string_view path, const Json& body, Nanos now);
    Json grant(const Json& body, Nanos now);
    Json keep_alive(const Json& body, Nanos now);
    Json revoke(const Json& body);
    Json range(const Json& body) const;
    Json transact(const Json& body);
    [[nodiscard]] bool holds(const Json& compare) const;
    [[nodiscard]] Json header() const;
    [[nodiscard]] Nanos end_of(std::int64_t ttl, Nanos now) const;
    void end_lease(etcd::LeaseId lease);
    void note(Change change);

    std::map<std::string, etcd::KeyValue> entries_;
    std::map<etcd::LeaseId, Lease> leases_;
    std::vector<Change> log_;
    etcd::Revision revision_ = 1;
    etcd::LeaseId next_lease_ = 1000;
};

/// One line of a watch.
std::string watch_line(const std::vector<EtcdModel::Change>& changes, etcd::Revision revision);

} // namespace gw::fleet_simulation
