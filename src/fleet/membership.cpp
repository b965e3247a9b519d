#include "fleet/membership.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "store/fence.hpp"
#include "sys/boot_clock.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace gw::fleet {

namespace {

using std::chrono::milliseconds;

/// In the fence: which lease this member has, for an agent that begins anew.
constexpr const char* lease_number_file = "lease-number";
constexpr std::size_t longest_number = 32;

/// A quarter of the lease, and each renewal has as long for its answer: after one that is lost on
/// its way another begins before a drain does (rules/fence.hpp).
milliseconds renewal_time(seconds ttl) {
    constexpr int renewals = 4;
    return milliseconds(ttl) / renewals;
}

constexpr milliseconds between_tries{250};
constexpr milliseconds between_claims{1'000};

} // namespace

Membership::Membership(sys::Effects& effects, const FleetSettings& settings, MemberRecord self,
                       const sys::Directory& fence, Bell& bell)
    : effects_(effects), settings_(settings), self_(std::move(self)), keys_(settings.prefix),
      fence_(fence), bell_(bell), etcd_(settings, renewal_time(settings.ttl)) {}

std::optional<etcd::LeaseId> Membership::lease() const {
    const bool lives = lease_ != 0 && joined_ && !retires_ && sys::boot_time() < deadline_;
    return lives ? std::optional(lease_) : std::nullopt;
}

void Membership::say(const Error& error) {
    const auto text = error.message;
    if (text != said_) {
        sys::log_warning(text + (error.next.empty() ? "" : " (next: " + error.next + ")"));
        said_ = text;
    }
}

/// etcd has begun to count after the request was sent.
void Membership::hold(BootTime sent, seconds granted) {
    const auto lease = lease_since(sent, granted);
    deadline_ = lease.deadline;
    if (auto written = store::write_lease(effects_, fence_, lease); !written) {
        say(std::move(written.error()).within("the gateways here cannot be told of the lease"));
        return;
    }
    if (!said_.empty()) {
        sys::log_info("the lease of this member is renewed again");
        said_.clear();
    }
}

/// The places go first: nothing starts under the next lease that has not been taken under it.
void Membership::close_fence() {
    const auto places = store::list_places(fence_);
    for (const auto& [file, token] : places.value_or(std::map<std::string, FencingToken>{})) {
        const auto profile = ProfileName::parse(file);
        const auto place = profile ? FencedPlace(*profile) : FencedPlace::all();
        if (auto removed = store::remove_place(effects_, fence_, place); !removed) {
            say(removed.error());
        }
    }
    if (auto removed = store::remove_lease(effects_, fence_); !removed) {
        say(removed.error());
    }
}

/// Nothing is this member's any more.
void Membership::lose(std::string_view why) {
    sys::log_warning(fmt::format("this member has lost its lease: {}; its gateways end", why));
    close_fence();
    lease_ = 0;
    if (joined_) {
        loss_ = Loss{sys::boot_time() - joined_->at, joined_->revision};
        joined_.reset();
    }
    bell_.ring();
}

void Membership::remember_lease() {
    const auto written = effects_.replace_file(fence_, lease_number_file, std::to_string(lease_),
                                               sys::Durability::volatile_);
    if (!written) {
        say(written.error());
    }
}

/// The gateways that an earlier agent has left go on, if etcd still knows its lease.
Task<bool> Membership::take_up() {
    const auto content = sys::read_file(fence_, lease_number_file, longest_number);
    const auto number = parse_number<etcd::LeaseId>(trimmed(content.bytes)).value_or(0);
    if (number == 0) {
        co_return false;
    }
    const auto sent = sys::boot_time();
    const auto left = co_await etcd_.keep_alive(number);
    if (!left) {
        say(left.error());
        co_await pause_for(between_tries);
        co_return true; // whether it lives is not known yet: it is asked again
    }
    looked_back_ = true;
    lease_ = number;
    if (left->count() == 0) {
        lose("it has ended while no agent was here");
        co_return false;
    }
    hold(sent, *left);
    co_return true;
}

Task<bool> Membership::claim_name() {
    const auto claim = co_await etcd_.claim(keys_.member(self_.name), to_value(self_), lease_);
    if (!claim) {
        say(claim.error());
        co_return false;
    }
    if (!claim->put) {
        const auto other =
            claim->there ? member_of(self_.name, claim->there->value) : MemberRecord{};
        say({Errc::conflict,
             fmt::format("another member is called {}: on {} since {}; this one waits for its end",
                         printable(self_.name), printable(other.host), printable(other.since)),
             "give each member a name of its own: GATEWAYCTL_MEMBER, or member in the "
             "configuration"});
        co_return false;
    }
    joined_ = Joined{sys::boot_time(), claim->revision};
    co_return true;
}

/// Other members that live and take what has no place.
Task<Result<std::vector<etcd::KeyValue>>> Membership::willing_others() {
    auto members = co_await etcd_.range_of_prefix(keys_.members());
    if (!members) {
        co_return std::unexpected(std::move(members.error()));
    }
    std::set<std::string> unwilling = {keys_.member(self_.name)};
    for (const auto& marks : {keys_.cordon(""), keys_.drain("")}) {
        const auto marked = co_await etcd_.range_of_prefix(marks);
        if (!marked) {
            co_return std::unexpected(marked.error());
        }
        for (const auto& mark : marked->entries) {
            unwilling.insert(keys_.member(mark.key.substr(marks.size())));
        }
    }
    std::erase_if(members->entries,
                  [&](const etcd::KeyValue& member) { return unwilling.contains(member.key); });
    co_return std::move(members->entries);
}

/// Not where nobody else would have the gateways.
Task<void> Membership::stay_away(seconds absence) {
    const auto end = std::chrono::steady_clock::now() + absence;
    while (!left_ && std::chrono::steady_clock::now() < end) {
        const auto others = co_await willing_others();
        if (others && others->empty()) {
            co_return;
        }
        co_await pause_for(renewal_time(settings_.ttl));
    }
}

/// Answers whether what follows from the loss has been done.
Task<bool> Membership::heed_loss() {
    const auto others = co_await willing_others();
    if (!others) {
        say(others.error());
        co_await pause_for(between_tries);
        co_return false;
    }
    const bool others_kept_theirs =
        std::ranges::any_of(*others, [this](const etcd::KeyValue& member) {
            return member.create_revision < loss_->joined;
        });
    losses_ = losses_in_a_row(losses_, {loss_->membership, others_kept_theirs}, settings_.ttl);
    loss_.reset();
    const auto absence = absence_after(losses_, settings_.ttl);
    if (absence.count() > 0 && !others->empty()) {
        sys::log_warning(
            fmt::format("this member cannot keep a lease, and others can ({} lost in a row): it "
                        "joins again in {} s",
                        losses_, absence.count()));
        co_await stay_away(absence);
    }
    co_return true;
}

Task<void> Membership::begin() {
    if (!looked_back_) {
        const bool is_settled = co_await take_up();
        if (is_settled) {
            co_return;
        }
    }
    looked_back_ = true;
    if (loss_) {
        const bool is_over = co_await heed_loss();
        if (!is_over || left_) {
            co_return;
        }
    }
    const auto sent = sys::boot_time();
    const auto granted = co_await etcd_.grant(settings_.ttl);
    if (!granted) {
        say(granted.error());
        co_await pause_for(between_tries);
        co_return;
    }
    lease_ = granted->id;
    remember_lease();
    hold(sent, granted->ttl);
}

Task<void> Membership::renew() {
    const auto sent = sys::boot_time();
    const auto left = co_await etcd_.keep_alive(lease_);
    if (left_) {
        co_return;
    }
    if (!left) {
        say(Error(left.error()).within("the lease of this member was not renewed"));
        co_await pause_for(between_tries);
        co_return;
    }
    if (left->count() == 0) {
        lose("it has ended in etcd");
        co_return;
    }
    hold(sent, *left);
    const auto wait = joined_ ? renewal_time(settings_.ttl)
                              : std::min(between_claims, renewal_time(settings_.ttl));
    if (!joined_) {
        const bool is_named = co_await claim_name();
        if (is_named) {
            sys::log_info(fmt::format("this member of the fleet is {}", printable(self_.name)));
            bell_.ring();
            co_return;
        }
    }
    co_await pause_for(wait);
}

Task<void> Membership::keep() {
    while (!left_) {
        if (lease_ == 0) {
            co_await begin();
        } else {
            co_await renew();
        }
    }
}

Task<void> Membership::leave() {
    left_ = true;
    if (lease_ == 0) {
        co_return;
    }
    close_fence();
    Etcd etcd(settings_, renewal_time(settings_.ttl));
    if (const auto revoked = co_await etcd.revoke(lease_); !revoked) {
        sys::log_warning("the lease of this member could not be given back, and ends by itself: " +
                         revoked.error().message);
    }
    (void)effects_.remove_file(fence_, lease_number_file);
}

} // namespace gw::fleet
