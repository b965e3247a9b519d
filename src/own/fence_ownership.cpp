#include "own/ownership.hpp"
#include "rules/variables.hpp"
#include "store/fence.hpp"
#include "sys/boot_clock.hpp"
#include "sys/self.hpp"
#include "sys/waiting.hpp"

namespace gw::own {

namespace {

/// A place that comes is noticed this soon.
constexpr std::chrono::milliseconds look_again{250};

/// The agent of this member has asked the fleet for the place and keeps it; who holds the fence has
/// the gateway's files to itself as long as it is not closed.
class FenceOwnership : public Ownership {
  public:
    FenceOwnership(std::string directory, ProfileName profile)
        : directory_(std::move(directory)), profile_(std::move(profile)) {}

    [[nodiscard]] Standing look() const override {
        const auto verdict =
            judge_fence(store::read_fence(directory_, profile_), std::nullopt, sys::boot_time());
        return {verdict == FenceVerdict::closed ? Standing::Kind::elsewhere : Standing::Kind::here};
    }
    Share take(sys::Effects& /*effects*/) override {
        if (look().kind == Standing::Kind::here) {
            return {Share::Kind::joined};
        }
        return {.problem = why_fenced(store::read_fence(directory_, profile_))};
    }
    Share wait(sys::Effects& effects) override {
        auto share = take(effects);
        while (!share.is_ours()) {
            sys::pause(look_again);
            share = take(effects);
        }
        return share;
    }
    [[nodiscard]] std::string doubt() const override { return {}; }

  private:
    std::string directory_;
    ProfileName profile_;
};

} // namespace

std::string why_fenced(const Fence& fence) {
    return "this member of the fleet may not run it: " + describe_closed(fence, sys::boot_time());
}

std::optional<std::string> fence_here() {
    return sys::environment(std::string(name_of(Variable::fence)));
}

std::unique_ptr<Ownership> fence_ownership(std::string directory, ProfileName profile) {
    return std::make_unique<FenceOwnership>(std::move(directory), std::move(profile));
}

std::unique_ptr<Ownership> ownership_of(const store::Home& home, const Settings& settings,
                                        const ProfileName& profile) {
    if (auto fence = fence_here()) {
        return fence_ownership(std::move(*fence), profile);
    }
    if (settings.fleet && settings.fleet->spread == Spread::gateway) {
        return fence_ownership(fence_directory(settings), profile);
    }
    return ownership_of(home, settings);
}

} // namespace gw::own
