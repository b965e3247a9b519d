#include "member.hpp"

#include "network.hpp"
#include "own/ownership.hpp"
#include "store/fence.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/filesystem/operations.hpp>
#include <boost/system/system_error.hpp>

namespace gw::fleet_simulation {

namespace {

/// The kernel's correction of a clock, at most (adjtimex(2)).
constexpr std::uint64_t most_ppm = 500;
constexpr milliseconds look_at_drain_again{50};
/// Longer than any drain of the model but those that do not end.
constexpr seconds longest_drain{8};

FleetSettings settings_for(const World& world) {
    FleetSettings settings;
    for (std::uint16_t port = 0; port < Network::endpoints; ++port) {
        settings.endpoints.push_back({false, "etcd", port});
    }
    settings.ttl = world.ttl;
    settings.spread = world.by_gateway ? Spread::gateway : Spread::volume;
    return settings;
}

} // namespace

/// As src/fleet/agent.cpp puts it together.
struct Member::Agent {
    Agent(Member& member, sys::Effects& effects, const sys::Directory& fence)
        : self{member.name(), "host", "since", 1}, bell(io),
          membership(effects, member.settings(), self, fence, bell),
          mirror(member.settings(), FleetKeys(member.settings().prefix).all(), bell),
          tools(effects, {}, "", seconds(1)) {
        const fleet::Means means{effects, member.settings(), self, fence, membership, mirror,
                                 tools};
        if (member.settings().spread == Spread::gateway) {
            work = std::make_unique<fleet::GatewayWork>(means);
        } else {
            work = std::make_unique<fleet::VolumeWork>(means);
        }
        begin(membership.keep());
        begin(mirror.follow());
        begin(work->work(bell));
    }

    void begin(fleet::Task<void> task) {
        boost::asio::co_spawn(io, std::move(task), [](const std::exception_ptr& error) {
            if (error) {
                std::rethrow_exception(error);
            }
        });
    }

    boost::asio::io_context io{1};
    MemberRecord self;
    fleet::Bell bell;
    fleet::Membership membership;
    fleet::Mirror mirror;
    fleet::Tools tools;
    std::unique_ptr<fleet::Work> work;
};

Member::Member(World& world, std::size_t index)
    : world_(world), index_(index),
      rate_(1 + (static_cast<double>(world.dice.below(2 * most_ppm + 1)) - most_ppm) / 1e6),
      settings_(settings_for(world)),
      fence_path_(world.scratch + "/" + std::to_string(index) + "/.fence") {
    host_.scandir = world.scratch + "/" + std::to_string(index);
    host_.fleet = settings_;
    for (const auto& profile : world.profiles) {
        slots_.push_back(std::make_unique<Slot>(world, *this, profile));
    }
}

Member::~Member() {
    the_member() = this;
    agent_.reset();
    the_member() = nullptr;
}

BootTime Member::boot_time() const {
    constexpr double since_boot = 1e12;
    return BootTime(
        static_cast<BootTime::rep>(since_boot + static_cast<double>(world_.now().count()) * rate_));
}

Nanos Member::true_time_of(BootTime moment) const {
    const auto ahead = static_cast<double>((moment - boot_time()).count());
    return world_.now() + Nanos(static_cast<Nanos::rep>(ahead / rate_) + 1000);
}

Nanos Member::lateness() {
    return world_.now() < starved_until_ ? world_.dice.between(Nanos(0), seconds(3))
                                         : world_.dice.between(Nanos(0), milliseconds(2));
}

void Member::when_awake(std::function<void()> what) {
    if (!is_up_) {
        return;
    }
    if (frozen_) {
        postponed_.push_back(std::move(what));
    } else {
        what();
    }
}

// -- what is done to it

void Member::boot() {
    ++boots_;
    is_up_ = true;
    frozen_ = agent_stopped_ = false;
    boost::filesystem::remove_all(fence_path_);
    fence_ = *store::make_fence(effects_, fence_path_);
    world_.tell(name() + " boots");
    start_agent();
}

void Member::start_agent() {
    agent_stopped_ = false;
    timer_.reset();
    next_wake_.reset();
    the_member() = this;
    agent_ = std::make_unique<Agent>(*this, effects_, *fence_);
    the_member() = nullptr;
    wake_at(world_.now() + lateness());
}

void Member::kill_agent() {
    the_member() = this;
    agent_.reset();
    the_member() = nullptr;
    mailbox_.clear();
    world_.after(world_.dice.between(milliseconds(900), milliseconds(1500)),
                 [this, boots = boots_, agents = ++agents_] {
                     when_awake([this, boots, agents] {
                         if (boots == boots_ && agents == agents_) {
                             start_agent();
                         }
                     });
                 });
}

void Member::continue_agent() {
    agent_stopped_ = false;
    wake_at(world_.now() + lateness());
}

void Member::cut_power() {
    is_up_ = false;
    ++boots_;
    ++agents_;
    the_member() = this;
    agent_.reset();
    the_member() = nullptr;
    mailbox_.clear();
    postponed_.clear();
    for (const auto& slot : slots_) {
        slot->vanish();
    }
}

void Member::freeze() {
    frozen_ = true;
}

void Member::thaw() {
    frozen_ = false;
    std::deque<std::function<void()>> postponed;
    std::swap(postponed, postponed_);
    for (auto& one : postponed) {
        world_.after(lateness(), [this, boots = boots_, one = std::move(one)] {
            if (boots == boots_) {
                when_awake(one);
            }
        });
    }
    for (const auto& slot : slots_) {
        slot->stop_run();
        slot->continue_run();
    }
    wake_at(world_.now() + lateness());
}

void Member::leave() {
    if (!agent_) {
        return;
    }
    the_member() = this;
    boost::asio::co_spawn(agent_->io, fleet::leave_fleet(agent_->membership, agent_->tools),
                          [this, boots = boots_](const std::exception_ptr& error) {
                              if (error) {
                                  std::rethrow_exception(error);
                              }
                              // Its container ends, and with it what has not ended.
                              world_.after(milliseconds(1), [this, boots] {
                                  if (boots == boots_) {
                                      cut_power();
                                  }
                              });
                          });
    the_member() = nullptr;
    wake_at(world_.now() + lateness());
}

// -- its agent

void Member::deliver(std::function<void()> what) {
    if (agent_) {
        mailbox_.push_back(std::move(what));
        wake_at(world_.now() + lateness());
    }
}

void Member::set_timer(std::chrono::nanoseconds from_now) {
    timer_ = true_time_of(boot_time() + from_now);
}

void Member::wake_at(Nanos when) {
    if (next_wake_ && *next_wake_ <= when) {
        return;
    }
    next_wake_ = when;
    world_.at(when, [this, when] {
        if (next_wake_ == when) {
            next_wake_.reset();
            wake();
        }
    });
}

/// An answer and the end of its time may both be there: which of them is seen first is open.
void Member::wake() {
    if (!agent_ || frozen_ || agent_stopped_) {
        return;
    }
    the_member() = this;
    if (world_.dice.chance(50)) {
        agent_->io.poll();
    }
    while (!mailbox_.empty()) {
        boost::asio::post(agent_->io, std::move(mailbox_.front()));
        mailbox_.pop_front();
    }
    agent_->io.poll();
    the_member() = nullptr;
    if (timer_) {
        wake_at(std::max(*timer_, world_.now()) + lateness());
    }
}

// -- what `gatewayctl` does

/// By the fence, as the boot pass goes.
std::vector<std::string> Member::places_here() const {
    the_member() = const_cast<Member*>(this);
    const auto standing = own::fleet_ownership(host_)->look();
    the_member() = nullptr;
    if (standing.kind != Standing::Kind::here) {
        return {};
    }
    if (settings_.spread == Spread::volume) {
        return world_.profiles;
    }
    std::vector<std::string> found;
    for (const auto& [profile, token] :
         store::list_places(*fence_).value_or(std::map<std::string, FencingToken>{})) {
        found.push_back(profile);
    }
    return found;
}

void Member::bring_up(const std::vector<std::string>& profiles) {
    for (const auto& slot : slots_) {
        if (std::ranges::find(profiles, slot->profile()) != profiles.end()) {
            slot->up();
        } else {
            slot->down();
        }
    }
}

void Member::reconcile(Done done) {
    const auto later = [this, boots = boots_](Nanos least, Nanos most, std::function<void()> what) {
        world_.after(world_.dice.between(least, most) + lateness(),
                     [this, boots, what = std::move(what)] {
                         if (boots == boots_) {
                             when_awake(what);
                         }
                     });
    };
    later(milliseconds(10), milliseconds(200), [=, this] {
        later(milliseconds(1), milliseconds(300), [=, this, places = places_here()] {
            bring_up(places);
            done(true);
        });
    });
}

void Member::drain(std::vector<std::string> profiles, Done done) {
    world_.after(world_.dice.between(milliseconds(5), milliseconds(80)) + lateness(),
                 [=, this, boots = boots_] {
                     if (boots != boots_) {
                         return;
                     }
                     when_awake([=, this] {
                         std::vector<Slot*> draining;
                         for (const auto& slot : slots_) {
                             if (profiles.empty() ||
                                 std::ranges::find(profiles, slot->profile()) != profiles.end()) {
                                 slot->down();
                                 draining.push_back(slot.get());
                             }
                         }
                         look_at_drain(draining, world_.now() + longest_drain, done);
                     });
                 });
}

void Member::look_at_drain(std::vector<Slot*> draining, Nanos limit, Done done) {
    const bool is_down =
        std::ranges::all_of(draining, [](const auto* one) { return !one->lives(); });
    if (is_down || world_.now() >= limit) {
        done(is_down);
        return;
    }
    world_.after(look_at_drain_again, [=, this, boots = boots_] {
        if (boots == boots_) {
            when_awake([=, this] { look_at_drain(draining, limit, done); });
        }
    });
}

} // namespace gw::fleet_simulation
