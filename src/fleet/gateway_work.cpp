#include "fleet/gateway_work.hpp"

#include "base/text.hpp"
#include "store/fence.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::fleet {

namespace {

using std::chrono::steady_clock;

/// So many places are taken, or given away, before the gateways of those are seen to.
constexpr std::size_t most_at_once = 256;
/// A profile that was made meanwhile has its place by then.
constexpr std::chrono::seconds between_listings{5};

std::vector<std::string> names_of(const std::map<std::string, etcd::Revision, std::less<>>& held) {
    std::vector<std::string> names;
    for (const auto& [profile, token] : held) {
        names.push_back(profile);
    }
    return names;
}

} // namespace

bool GatewayWork::hold(const std::string& profile, etcd::Revision token) {
    const auto name = ProfileName::parse(profile);
    const auto written = name ? store::write_place(means_.effects, means_.fence, FencedPlace(*name),
                                                   FencingToken{token})
                              : std::unexpected(name.error());
    if (!written) {
        sys::log_error(Error(written.error()).within(printable(profile) + " cannot start here"));
        return false;
    }
    held_[profile] = token;
    return true;
}

void GatewayWork::let_go(const std::string& profile) {
    if (const auto held = held_.find(profile); held != held_.end()) {
        earlier_[profile] = held->second;
        held_.erase(held);
    }
    if (const auto name = ProfileName::parse(profile)) {
        if (const auto removed =
                store::remove_place(means_.effects, means_.fence, FencedPlace(*name));
            !removed) {
            sys::log_warning(removed.error().message);
        }
    }
}

Task<void> GatewayWork::learn_profiles() {
    if (steady_clock::now() < learn_next_) {
        co_return;
    }
    auto profiles = co_await means_.tools.profiles();
    if (!profiles) {
        say("the profiles of the volume could not be listed: " + profiles.error().message);
        co_return;
    }
    profiles_ = std::move(*profiles);
    learn_next_ = steady_clock::now() + between_listings;
}

GatewayWork::Changes GatewayWork::changes_for(const FleetPicture& fleet) const {
    const auto chosen = placement_of(fleet, profiles_);
    Changes changes;
    const auto add = [&](std::vector<std::string>& to, const std::string& profile) {
        if (to.size() < most_at_once) {
            to.push_back(profile);
        } else {
            changes.more = true;
        }
    };
    for (std::size_t i = 0; i < profiles_.size(); ++i) {
        const auto& profile = profiles_[i];
        const bool is_ours = chosen[i] == means_.self.name;
        if (held_.contains(profile)) {
            if (!chosen[i].empty() && !is_ours) {
                add(changes.give, profile);
            }
        } else if (is_ours && !fleet.places.contains(profile)) {
            add(changes.take, profile);
        }
    }
    for (const auto& [profile, token] : held_) {
        if (!std::ranges::binary_search(profiles_, profile)) {
            add(changes.give, profile);
        }
    }
    return changes;
}

Task<bool> GatewayWork::take(const std::vector<std::string>& profiles, etcd::LeaseId lease) {
    bool changed = false;
    for (const auto& profile : profiles) {
        const auto claim = co_await etcd_.claim(keys_.place(profile), to_value(means_.self), lease);
        if (!claim) {
            say("places could not be taken: " + claim.error().message);
            break;
        }
        if (means_.membership.lease() != lease) {
            break;
        }
        if (claim->put) {
            changed = hold(profile, claim->revision) || changed;
        }
    }
    co_return changed;
}

/// First the gateways end, then what is written down here goes, and then their keys: another member
/// may start them as soon as those are gone.
Task<bool> GatewayWork::give(const std::vector<std::string>& profiles) {
    const bool is_down = co_await means_.tools.drain(profiles);
    if (!is_down) {
        owe_pass(); // where it is looked at again, and they are not to leave any more
        co_return false;
    }
    for (const auto& profile : profiles) {
        if (const auto held = held_.find(profile); held != held_.end()) {
            leaving_[profile] = held->second;
            let_go(profile);
        }
    }
    // Somebody may have started one of them before the fence was closed.
    (void)co_await means_.tools.drain(profiles);
    co_await release_left();
    co_return true;
}

/// What has begun to leave leaves, also when etcd does not answer meanwhile: whether it has heard
/// of a release whose answer is lost nobody here can know, so that the place is not this member's
/// any more, and not yet anybody else's.
Task<void> GatewayWork::release_left() {
    const auto leaving = leaving_;
    for (const auto& [profile, token] : leaving) {
        const auto released = co_await etcd_.release(keys_.place(profile), token);
        if (!released) {
            say("places could not be given back: " + released.error().message);
            co_return;
        }
        leaving_.erase(profile);
    }
}

/// What etcd says of this member's places and what is written down here agree after it.
Task<bool> GatewayWork::settle(const FleetPicture& fleet, etcd::LeaseId lease) {
    bool changed = false;
    for (const auto& [profile, place] : fleet.places) {
        const auto earlier = earlier_.find(profile);
        const bool is_past = earlier != earlier_.end() && earlier->second == place.token;
        const auto held = held_.find(profile);
        if (place.lease == lease && !is_past &&
            (held == held_.end() || held->second != place.token)) {
            changed = hold(profile, place.token) || changed;
        }
    }
    std::vector<std::string> gone;
    for (const auto& [profile, token] : held_) {
        const auto place = fleet.places.find(profile);
        const bool is_there = place != fleet.places.end() && place->second.lease == lease;
        if (!is_there && fleet.revision >= token) { // else the mirror has not seen it yet
            gone.push_back(profile);
        }
    }
    if (!gone.empty()) {
        std::ranges::for_each(gone, [this](const auto& profile) { let_go(profile); });
        co_await means_.tools.drain(gone);
        changed = true;
    }
    co_return changed;
}

Task<bool> GatewayWork::step() {
    const auto lease = means_.membership.lease();
    if (!lease) {
        if (!held_.empty() && !store::read_lease(means_.fence)) {
            const auto lost = names_of(held_);
            std::ranges::for_each(lost, [this](const auto& profile) { let_go(profile); });
            co_await means_.tools.drain(lost);
            co_await means_.tools.reconcile();
        }
        co_return false;
    }
    co_await learn_profiles();
    if (!means_.mirror.is_whole() || profiles_.empty()) {
        co_return false;
    }
    auto fleet = picture_of(keys_, means_.mirror.range());
    bool changed = co_await settle(fleet, *lease);
    co_await heed_asks(fleet);
    co_await release_left();
    const auto changes = changes_for(fleet);
    if (!changes.give.empty()) {
        const bool given = co_await give(changes.give);
        changed = changed || given;
    }
    if (!changes.take.empty()) {
        const bool taken = co_await take(changes.take, *lease);
        changed = changed || taken;
    }
    if (changed) {
        say(fmt::format("{} gateways have their place here", held_.size()));
        co_await bring_up();
    } else if (changes.give.empty()) {
        co_await bring_up_again();
    }
    co_return changes.more;
}

} // namespace gw::fleet
