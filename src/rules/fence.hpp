/// The fence around the gateways of a fleet's member: until when they may run, and which of them.
/// Pure.
///
/// The member's agent writes it down on the member's own tmpfs (store/fence.hpp) and pushes the
/// deadline forward with each renewal of its lease; `gatewayctl run` obeys it by itself, so that it
/// holds whatever becomes of the agent. All times are those of the boot-time clock, which counts
/// suspended time and which no step of the wall clock touches.
#pragma once

#include "base/profile_name.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Since the machine booted (CLOCK_BOOTTIME), as fine as the kernel has it.
using BootTime = std::chrono::nanoseconds;

/// How long this member has its places, as the fleet's store has granted it.
struct Lease {
    BootTime deadline{0}; ///< from then on they may be another member's
    std::chrono::nanoseconds length{0};
    friend bool operator==(const Lease&, const Lease&) = default;
};

/// A lease that was asked for, or renewed, by a request sent at `sent`: whoever granted it began to
/// count later than that, so that it has not ended there before it has ended here.
constexpr Lease lease_since(BootTime sent, std::chrono::seconds granted) {
    return {sent + granted, granted};
}

/// Greater with each holder of a place: what is written elsewhere under a smaller one comes from
/// somebody who has lost the place since. etcd's `mod_revision` of the place's key.
struct FencingToken {
    std::int64_t value = 0;
    friend std::strong_ordering operator<=>(const FencingToken&, const FencingToken&) = default;
};

/// What a token is of: one gateway, or all that a volume has.
class FencedPlace {
  public:
    explicit FencedPlace(const ProfileName& profile) : file_name_(profile.str()) {}
    static FencedPlace all() { return FencedPlace(".all"); }

    /// In the fence's `places/`; a profile's name never begins with a dot.
    [[nodiscard]] const std::string& file_name() const { return file_name_; }

  private:
    explicit FencedPlace(std::string_view file_name) : file_name_(file_name) {}
    std::string file_name_;
};

/// `DEADLINE LENGTH\n`, both in nanoseconds; nullopt for anything else.
std::string lease_text(const Lease& lease);
std::optional<Lease> parse_lease(std::string_view bytes);
/// `TOKEN\n`; nullopt for anything else.
std::string token_text(FencingToken token);
std::optional<FencingToken> parse_token(std::string_view bytes);

/// The fence as one gateway finds it.
struct Fence {
    std::optional<Lease> lease{};
    std::optional<FencingToken> token{}; ///< of this gateway's place
    std::string problem{};               ///< of what is there and cannot be used
};

/// So long before the deadline nothing of a gateway may live any more: a tenth of the lease, at
/// most two seconds. It covers what lies between a timer that goes off and the last process that is
/// gone (a machine under load gives a process its turn some tenths of a second late), and clocks
/// that run unevenly here and at the grantor's (the kernel corrects its clock by at most 500 ppm,
/// adjtimex(2): 0.03 s for both in a lease of 30 s).
constexpr std::chrono::nanoseconds fence_margin(const Lease& lease) {
    return std::min<std::chrono::nanoseconds>(lease.length / 10, std::chrono::seconds{2});
}

/// What a gateway has to have done by when. An agent renews every quarter of the lease; the last
/// third is the drain's.
struct FenceTimes {
    BootTime drain{0}; ///< the gateway is told to end, and nothing new starts
    BootTime kill{0};  ///< what is left of it gets SIGKILL
    BootTime last{0};  ///< the kernel kills whoever stands in front of it and has not done that
};
constexpr FenceTimes fence_times(const Lease& lease) {
    const auto margin = fence_margin(lease);
    return {lease.deadline - lease.length / 3, lease.deadline - margin,
            lease.deadline - margin / 2};
}

enum class FenceVerdict {
    open,   ///< it may start, and go on
    ending, ///< it is to end in order, and has time for that until `kill`
    closed, ///< nothing of it may run
};

/// First match wins; `held` is the token with which it has started, nullopt before:
///
/// | # | the fence                                                    | verdict |
/// |---|--------------------------------------------------------------|---------|
/// | 1 | no lease, or no place (or one that cannot be used)           | closed  |
/// | 2 | the place under another token: another has had it meanwhile  | closed  |
/// | 3 | `kill` has passed                                            | closed  |
/// | 4 | `drain` has passed                                           | ending  |
/// | 5 | any other                                                    | open    |
FenceVerdict judge_fence(const Fence& fence, std::optional<FencingToken> held, BootTime now);

/// Why it is not open, for people.
std::string describe_closed(const Fence& fence, BootTime now);

} // namespace gw
