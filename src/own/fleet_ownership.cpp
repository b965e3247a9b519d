#include "own/ownership.hpp"
#include "store/fence.hpp"
#include "store/owner_file.hpp"
#include "sys/boot_clock.hpp"
#include "sys/waiting.hpp"

namespace gw::own {

namespace {

/// In a fleet the agent of this member asks for the volume, and what it has got stands in the
/// fence. No file is locked: what a machine that was lost has locked on a network volume may stay
/// locked for longer than its lease.
class FleetOwnership : public Ownership {
  public:
    FleetOwnership(std::string fence, Spread spread) : fence_(std::move(fence)), spread_(spread) {}

    [[nodiscard]] Standing look() const override {
        auto fence = store::read_fence(fence_, ProfileName::root());
        if (spread_ == Spread::gateway) {
            fence.token = FencingToken{}; // each gateway has its own; the lease is all that counts
        }
        const auto directory = sys::Directory::open(fence_);
        auto owner = directory ? store::read_owner(*directory) : std::nullopt;
        // While a renewal is late it is this member's still: who is to start waits at the fence.
        const bool is_here =
            judge_fence(fence, std::nullopt, sys::boot_time()) != FenceVerdict::closed;
        return {is_here ? Standing::Kind::here : Standing::Kind::elsewhere, std::move(owner)};
    }

    Share take(sys::Effects& /*effects*/) override {
        auto standing = look();
        return standing.kind == Standing::Kind::here
                   ? Share{Share::Kind::joined}
                   : Share{Share::Kind::refused, nullptr, std::move(standing.owner),
                           why_fenced(store::read_fence(fence_, ProfileName::root()))};
    }

    Share wait(sys::Effects& effects) override {
        Share share = take(effects);
        while (!share.is_ours()) {
            sys::pause(sys::poll_pause);
            share = take(effects);
        }
        return share;
    }

    [[nodiscard]] std::string doubt() const override { return {}; }

  private:
    std::string fence_;
    Spread spread_;
};

} // namespace

std::unique_ptr<Ownership> fleet_ownership(const Settings& settings) {
    return std::make_unique<FleetOwnership>(fence_directory(settings), settings.fleet->spread);
}

} // namespace gw::own
