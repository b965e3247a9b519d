#include "etcd_model.hpp"

#include "base/base64.hpp"
#include "base/json_fields.hpp"
#include "base/numbers.hpp"

#include <algorithm>

namespace gw::fleet_simulation {

namespace {

constexpr int not_found = 5;

std::int64_t number_of(const Json& body, const char* key) {
    return parse_number<std::int64_t>(text_field(body, key)).value_or(0);
}

std::string bytes_of(const Json& body, const char* key) {
    return from_base64(text_field(body, key)).value_or("");
}

Json refusal(int code, const std::string& message) {
    return {{"error", message}, {"code", code}, {"message", message}};
}

Json json_of(const etcd::KeyValue& entry) {
    return {{"key", to_base64(entry.key)},
            {"value", to_base64(entry.value)},
            {"create_revision", std::to_string(entry.create_revision)},
            {"mod_revision", std::to_string(entry.mod_revision)},
            {"lease", std::to_string(entry.lease)}};
}

} // namespace

std::string watch_line(const std::vector<EtcdModel::Change>& changes, etcd::Revision revision) {
    auto events = Json::array();
    for (const auto& change : changes) {
        Json event = {{"kv", json_of(change.entry)}};
        if (change.erased) {
            event["type"] = "DELETE";
        }
        events.push_back(std::move(event));
    }
    const Json line = {
        {"result",
         {{"header", {{"revision", std::to_string(revision)}}}, {"events", std::move(events)}}}};
    return line.dump() + "\n";
}

Json EtcdModel::header() const {
    return {{"revision", std::to_string(revision_)}};
}

EtcdModel::Nanos EtcdModel::end_of(std::int64_t ttl, Nanos now) const {
    return now + Nanos(static_cast<Nanos::rep>(static_cast<double>(ttl) * 1e9 / rate));
}

void EtcdModel::note(Change change) {
    log_.push_back(change);
    if (on_change) {
        on_change(log_.back());
    }
}

void EtcdModel::put(const std::string& key, const std::string& value, etcd::LeaseId lease) {
    const auto there = entries_.find(key);
    const auto replaced = there == entries_.end() ? 0 : there->second.mod_revision;
    ++revision_;
    auto& entry = entries_[key];
    entry = {key, value, replaced == 0 ? revision_ : entry.create_revision, revision_, lease};
    note({false, entry, replaced});
}

void EtcdModel::erase(const std::string& key) {
    const auto there = entries_.find(key);
    if (there == entries_.end()) {
        return;
    }
    const auto replaced = there->second.mod_revision;
    entries_.erase(there);
    ++revision_;
    note({true, {key, "", 0, revision_, 0}, replaced});
}

void EtcdModel::end_lease(etcd::LeaseId lease) {
    leases_.erase(lease);
    std::vector<std::string> keys;
    for (const auto& [key, entry] : entries_) {
        if (entry.lease == lease) {
            keys.push_back(key);
        }
    }
    std::ranges::for_each(keys, [this](const auto& key) { erase(key); });
}

void EtcdModel::expire(Nanos now) {
    std::vector<etcd::LeaseId> over;
    for (const auto& [id, lease] : leases_) {
        if (lease.ends <= now) {
            over.push_back(id);
        }
    }
    std::ranges::for_each(over, [this](auto id) { end_lease(id); });
}

void EtcdModel::elect_leader(Nanos now) {
    for (auto& [id, lease] : leases_) {
        lease.ends = std::max(lease.ends, end_of(lease.ttl, now));
    }
}

std::vector<EtcdModel::Change> EtcdModel::changes(const std::string& prefix,
                                                  etcd::Revision from) const {
    std::vector<Change> found;
    std::ranges::copy_if(log_, std::back_inserter(found), [&](const Change& change) {
        return change.entry.mod_revision >= from && change.entry.key.starts_with(prefix);
    });
    return found;
}

Json EtcdModel::grant(const Json& body, Nanos now) {
    const auto ttl = number_of(body, "TTL");
    const auto id = ++next_lease_;
    leases_[id] = {ttl, end_of(ttl, now)};
    return {{"header", header()}, {"ID", std::to_string(id)}, {"TTL", std::to_string(ttl)}};
}

Json EtcdModel::keep_alive(const Json& body, Nanos now) {
    const auto id = number_of(body, "ID");
    const auto lease = leases_.find(id);
    Json result = {{"header", header()}, {"ID", std::to_string(id)}};
    // One that is over, and not ended yet, is not renewed any more.
    if (lease != leases_.end() && lease->second.ends > now) {
        lease->second.ends = end_of(lease->second.ttl, now);
        result["TTL"] = std::to_string(lease->second.ttl);
    }
    return {{"result", std::move(result)}};
}

Json EtcdModel::revoke(const Json& body) {
    const auto id = number_of(body, "ID");
    if (!leases_.contains(id)) {
        return refusal(not_found, "etcdserver: requested lease not found");
    }
    end_lease(id);
    return {{"header", header()}};
}

Json EtcdModel::range(const Json& body) const {
    const auto begin = bytes_of(body, "key");
    const auto end = bytes_of(body, "range_end");
    auto found = Json::array();
    for (const auto& [key, entry] : entries_) {
        if (key == begin || (!end.empty() && key > begin && key < end)) {
            found.push_back(json_of(entry));
        }
    }
    return {{"header", header()}, {"kvs", std::move(found)}};
}

bool EtcdModel::holds(const Json& compare) const {
    const auto entry = entries_.find(bytes_of(compare, "key"));
    const auto is_there = entry != entries_.end();
    return text_field(compare, "target") == "CREATE"
               ? number_of(compare, "create_revision") ==
                     (is_there ? entry->second.create_revision : 0)
               : number_of(compare, "mod_revision") == (is_there ? entry->second.mod_revision : 0);
}

Json EtcdModel::transact(const Json& body) {
    const auto compares = body.value("compare", Json::array());
    const bool succeeds =
        std::ranges::all_of(compares, [this](const auto& one) { return holds(one); });
    auto responses = Json::array();
    for (const auto& one : body.value(succeeds ? "success" : "failure", Json::array())) {
        if (one.contains("request_put")) {
            const auto& put_body = one["request_put"];
            const auto lease = number_of(put_body, "lease");
            if (lease != 0 && !leases_.contains(lease)) {
                return refusal(not_found, "etcdserver: requested lease not found");
            }
            put(bytes_of(put_body, "key"), bytes_of(put_body, "value"), lease);
            responses.push_back({{"response_put", {{"header", header()}}}});
        } else if (one.contains("request_delete_range")) {
            erase(bytes_of(one["request_delete_range"], "key"));
            responses.push_back({{"response_delete_range", {{"header", header()}}}});
        } else {
            responses.push_back({{"response_range", range(one["request_range"])}});
        }
    }
    Json answer = {{"header", header()}, {"responses", std::move(responses)}};
    if (succeeds) {
        answer["succeeded"] = true;
    }
    return answer;
}

Json EtcdModel::do_it(std::string_view path, const Json& body, Nanos now) {
    if (path == "/v3/lease/grant") {
        return grant(body, now);
    }
    if (path == "/v3/lease/keepalive") {
        return keep_alive(body, now);
    }
    if (path == "/v3/lease/revoke") {
        return revoke(body);
    }
    if (path == "/v3/kv/range") {
        return range(body);
    }
    if (path == "/v3/kv/txn") {
        return transact(body);
    }
    return refusal(12, "the model does not know " + std::string(path));
}

std::string EtcdModel::answer(std::string_view path, const std::string& body, Nanos now) {
    return do_it(path, Json::parse(body), now).dump();
}

} // namespace gw::fleet_simulation
