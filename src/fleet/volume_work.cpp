#include "fleet/volume_work.hpp"

#include "base/text.hpp"
#include "rules/owner.hpp"
#include "store/fence.hpp"
#include "store/owner_file.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace gw::fleet {

/// For the verbs of this member, which do not ask etcd.
void VolumeWork::write_down(const FleetPicture::Owner& owner) {
    const auto& member = owner.member;
    if (auto value = to_value(member); value != written_) {
        const Owner record{member.name, member.host, Place{member.name, member.host}, Pid{1},
                           member.since};
        if (const auto done = store::write_owner(means_.effects, means_.fence, record); !done) {
            sys::log_warning(done.error().message);
            return;
        }
        written_ = std::move(value);
    }
}

/// A place that was written down is never written anew while it is held.
Task<void> VolumeWork::own(etcd::Revision token) {
    if (token_ == token) {
        co_return;
    }
    if (token_) {
        co_await is_gone("it was taken anew");
    }
    auto written =
        store::write_place(means_.effects, means_.fence, FencedPlace::all(), FencingToken{token});
    if (!written) {
        sys::log_error(std::move(written.error()).within("the gateways cannot start here"));
        co_return;
    }
    token_ = token;
    say(fmt::format("the volume is this member's, token {}: its gateways come up here", token));
    co_await bring_up();
}

/// What waits at the fence for its place is told to end as well: by the time this member has the
/// volume again, somebody may have stopped it.
Task<void> VolumeWork::is_gone(std::string_view why) {
    earlier_token_ = std::exchange(token_, std::nullopt);
    if (const auto done = store::remove_place(means_.effects, means_.fence, FencedPlace::all());
        !done) {
        sys::log_warning(done.error().message);
    }
    say(fmt::format("the volume is not this member's any more: {}", why));
    co_await means_.tools.drain();
    co_await means_.tools.reconcile();
}

Task<void> VolumeWork::take(etcd::LeaseId lease) {
    auto self = means_.self;
    self.since = to_rfc3339(sys::now().wall);
    const auto claim = co_await etcd_.claim(keys_.owner(), to_value(self), lease);
    if (!claim) {
        say("the volume could not be taken: " + claim.error().message);
    } else if (claim->put && means_.membership.lease() == lease) {
        write_down(FleetPicture::Owner{self, claim->revision, lease});
        co_await own(claim->revision);
    }
}

/// First the gateways end, then the key goes: another member may start them as soon as it is gone.
Task<void> VolumeWork::give_back() {
    say("this member is drained: its gateways end here, and another one takes the volume");
    const bool is_down = co_await means_.tools.drain();
    if (!is_down || !token_) {
        owe_pass(); // where it is looked at again, and nothing drains any more
        co_return;
    }
    const auto released = co_await etcd_.release(keys_.owner(), *token_);
    if (!released) {
        owe_pass();
        say("the volume could not be given back: " + released.error().message);
        co_return;
    }
    co_await is_gone("it was given back");
}

Task<bool> VolumeWork::step() {
    const auto lease = means_.membership.lease();
    if (!lease) {
        if (token_ && !store::read_lease(means_.fence)) {
            co_await is_gone("the lease has ended");
        }
        co_return false;
    }
    if (!means_.mirror.is_whole()) {
        co_return false;
    }
    const auto fleet = picture_of(keys_, means_.mirror.range());
    if (fleet.owner) {
        write_down(*fleet.owner);
    }
    co_await heed_asks(fleet);
    const auto is_self = [&](const auto& one) { return one.member.name == means_.self.name; };
    const auto self = std::ranges::find_if(fleet.members, is_self);
    const bool drains = self != fleet.members.end() && self->drains;
    // What was looked at before this member joined says nothing of it.
    const bool takes_nothing = self == fleet.members.end() || drains || self->cordoned;
    if (fleet.owner && fleet.owner->lease == *lease && fleet.owner->token != earlier_token_) {
        co_await own(fleet.owner->token);
        if (drains) {
            co_await give_back();
        } else {
            co_await bring_up_again();
        }
    } else if (token_) {
        if (fleet.revision >= *token_) { // else the mirror has not seen it yet
            co_await is_gone("its key is gone");
        }
    } else if (!fleet.owner && !takes_nothing) {
        co_await take(*lease);
    } else if (fleet.owner) {
        say(fmt::format("this member stands by: {} has the volume",
                        printable(fleet.owner->member.name)));
    }
    co_return false;
}

} // namespace gw::fleet
