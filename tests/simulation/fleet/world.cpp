#include "world.hpp"

#include "member.hpp"
#include "network.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <fmt/format.h>

namespace gw::fleet_simulation {

namespace {

constexpr const char* prefix = "/gatewayctl";
constexpr seconds calm_begin{15};
/// A lease of twelve seconds, half of one until a watch that is silent is given up, a drain that
/// does not end, a boot.
constexpr seconds longest_recovery{45};
constexpr milliseconds between_looks{100};

} // namespace

World*& the_world() {
    static World* world = nullptr;
    return world;
}

Member*& the_member() {
    static Member* member = nullptr;
    return member;
}

World::World(std::uint64_t seed, bool keeps_story)
    : dice(seed), network(std::make_unique<Network>(*this)), keeps_story_(keeps_story) {
    the_world() = this;
    const auto directory = boost::filesystem::path("/dev/shm") /
                           boost::filesystem::unique_path("gatewayctl-fleet-%%%%%%%%");
    boost::filesystem::create_directory(directory);
    scratch = directory.string();
    ttl = seconds(5 + static_cast<seconds::rep>(dice.below(8)));
    by_gateway = dice.chance(70);
    etcd.rate = 1 + (static_cast<double>(dice.below(1001)) - 500) / 1e6;
    etcd.on_change = [this](const auto& change) { heed_change(change); };
    for (std::uint64_t i = 0, count = 1 + dice.below(5); i < count; ++i) {
        profiles.push_back("p" + std::to_string(i));
    }
    for (std::size_t i = 0, count = 2 + dice.below(2); i < count; ++i) {
        members.push_back(std::make_unique<Member>(*this, i));
    }
}

World::~World() {
    members.clear();
    boost::filesystem::remove_all(scratch);
    the_world() = nullptr;
}

void World::at(Nanos when, std::function<void()> what) {
    events_.push({std::max(when, now_), ++numbers_, std::move(what)});
}

void World::tell(const std::string& line) {
    if (keeps_story_) {
        story_.push_back(
            fmt::format("{:10.3f} {}", std::chrono::duration<double>(now_).count(), line));
    }
}

void World::violated(const std::string& rule) {
    tell("VIOLATED: " + rule);
    if (violation_.empty()) {
        violation_ = rule;
    }
}

void World::run_until(Nanos end) {
    while (!events_.empty() && events_.top().when <= end && violation_.empty()) {
        auto event = events_.top();
        events_.pop();
        now_ = event.when;
        ++steps_;
        event.what();
    }
    now_ = std::max(now_, end);
}

// -- what must hold

void World::life_begins(const Life& life) {
    tell(fmt::format("{} lives in m{}, token {}", life.profile, life.member, life.token));
    for (const auto& other : living_) {
        if (other.profile == life.profile) {
            violated(
                fmt::format("two of {}: in m{} and m{}", life.profile, other.member, life.member));
        }
    }
    for (const auto& other : past_) {
        if (other.profile == life.profile && other.member != life.member &&
            other.token >= life.token) {
            violated(fmt::format("the token of {} did not grow: {} in m{}, {} in m{}", life.profile,
                                 other.token, other.member, life.token, life.member));
        }
    }
    living_.push_back(life);
}

void World::life_ends(const Life& life) {
    tell(fmt::format("{} has ended in m{}", life.profile, life.member));
    const auto it = std::ranges::find_if(living_, [&](const auto& one) {
        return one.profile == life.profile && one.member == life.member;
    });
    if (it != living_.end()) {
        past_.push_back(*it);
        living_.erase(it);
    }
}

/// The place of a gateway that lives is nobody else's to take: that of a lease that has ended, and
/// one that was given back.
void World::heed_change(const EtcdModel::Change& change) {
    tell(fmt::format("etcd: {} {} at {}", change.erased ? "erased" : "put", change.entry.key,
                     change.entry.mod_revision));
    for (const auto& life : living_) {
        if (change.replaced == life.token && change.replaced != 0) {
            violated(fmt::format("{} has lost its place, and {} lives in m{}", change.entry.key,
                                 life.profile, life.member));
        }
    }
    network->pump();
}

void World::watch_leases() {
    etcd.expire(now_);
    after(dice.between(milliseconds(100), milliseconds(500)), [this] { watch_leases(); });
}

bool World::is_settled() const {
    return std::ranges::all_of(profiles, [this](const auto& profile) {
        return std::ranges::any_of(members, [&](const auto& member) {
            return std::ranges::any_of(member->slots(), [&](const auto& slot) {
                return slot->profile() == profile && slot->runs();
            });
        });
    });
}

// -- what happens

void World::harm_member(Member& member) {
    if (!member.is_up()) {
        member.boot();
        return;
    }
    const auto slot = member.slots().at(dice.below(member.slots().size())).get();
    const auto heal_after = dice.between(milliseconds(300), ttl * 2);
    const auto heal = [&](std::string what, std::function<void()> how) {
        tell(what + " " + member.name());
        after(heal_after, [this, &member, boots = member.boots(), how = std::move(how),
                           what = std::move(what)] {
            if (boots == member.boots()) {
                tell("no more: " + what + " " + member.name());
                how();
            }
        });
    };
    switch (dice.below(10)) {
    case 0:
        tell("power cut in " + member.name());
        member.cut_power();
        break;
    case 1:
        member.freeze();
        heal("freeze", [&member] { member.thaw(); });
        break;
    case 2:
        tell("agent killed in " + member.name());
        member.kill_agent();
        break;
    case 3:
    case 4:
        member.stop_agent();
        heal("stop agent", [&member] { member.continue_agent(); });
        break;
    case 5:
        slot->stop_run();
        heal("stop run " + slot->profile(), [slot] { slot->continue_run(); });
        break;
    case 6:
        tell("run killed: " + slot->profile() + " in " + member.name());
        slot->kill_run();
        break;
    case 7:
        tell("starved: " + member.name());
        member.starve(heal_after);
        break;
    case 8:
        tell("leaves: " + member.name());
        member.leave();
        break;
    default:
        network->cut(member.index(),
                     dice.chance(50) ? Network::Way::refuses : Network::Way::swallows);
        heal("cut", [this, &member] { network->mend(member.index()); });
        break;
    }
}

void World::harm_etcd() {
    const auto span = dice.between(milliseconds(300), ttl * 2);
    switch (dice.below(3)) {
    case 0:
        tell("etcd has no leader");
        network->lose_leader(span);
        break;
    case 1:
        tell("etcd is slow");
        network->slow_down(dice.between(milliseconds(100), seconds(4)), span);
        break;
    default: {
        const auto endpoint = dice.below(Network::endpoints);
        tell("a member of etcd is gone");
        network->harm_endpoint(endpoint,
                               dice.chance(50) ? Network::Way::refuses : Network::Way::swallows);
        after(span, [this, endpoint] {
            network->harm_endpoint(endpoint, Network::Way::open);
            network->pump();
        });
        break;
    }
    }
}

void World::operate() {
    const FleetKeys keys(prefix);
    const auto& member = *members.at(dice.below(members.size()));
    switch (dice.below(4)) {
    case 0:
        etcd.put(keys.drain(member.name()), "{}");
        break;
    case 1:
        etcd.put(keys.cordon(member.name()), "{}");
        break;
    case 2:
        etcd.erase(keys.cordon(member.name()));
        etcd.erase(keys.drain(member.name()));
        break;
    default:
        etcd.put(keys.pin(profiles.at(dice.below(profiles.size()))), member.name());
        break;
    }
}

void World::adversity() {
    const auto what = dice.below(10);
    if (what < 6) {
        harm_member(*members.at(dice.below(members.size())));
    } else if (what < 8) {
        harm_etcd();
    } else {
        operate();
    }
}

void World::mend_all() {
    const FleetKeys keys(prefix);
    network->mend();
    for (const auto& member : members) {
        etcd.erase(keys.cordon(member->name()));
        etcd.erase(keys.drain(member->name()));
        if (member->is_frozen()) {
            member->thaw();
        }
        member->starve(Nanos(0));
        member->continue_agent();
        for (const auto& slot : member->slots()) {
            slot->continue_run();
        }
    }
    tell("all is mended");
}

void World::play() {
    watch_leases();
    for (const auto& member : members) {
        after(dice.between(Nanos(0), seconds(2)), [&member] { member->boot(); });
    }
    run_until(calm_begin);
    for (std::uint64_t left = 3 + dice.below(15); left > 0 && violation_.empty(); --left) {
        adversity();
        run_until(now_ + dice.between(milliseconds(10), ttl));
    }
    mend_all();
    const auto mended = now_;
    while (violation_.empty() && !is_settled()) {
        if (now_ - mended > longest_recovery) {
            violated("not every gateway runs again though all is mended");
        }
        for (const auto& member : members) {
            if (!member->is_up()) {
                member->boot(); // one that was just leaving, too
            }
        }
        run_until(now_ + between_looks);
    }
    settled_ = now_ - mended;
}

} // namespace gw::fleet_simulation
