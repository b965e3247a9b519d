#include "reconcile/keeper.hpp"

#include "sys/log.hpp"

#include <fmt/format.h>

namespace gw::reconcile {

namespace {

Result<void> pass_over(sys::Effects& effects, const Keeper& keeper) {
    const auto pass = run_pass(effects, keeper.home, keeper.settings, AfterPass::ends);
    if (!pass) {
        return std::unexpected(Error(pass.error()).within("cannot reconcile"));
    }
    keeper.report(*pass);
    return {};
}

/// Another member has come in between: what this one has up is down from the next look on, so that
/// a later pass of its own brings it up again.
void take_down(sys::Effects& effects, const Keeper& keeper) {
    if (const auto pass = run_pass(effects, keeper.home, keeper.settings, AfterPass::ends); !pass) {
        sys::log_warning("cannot reconcile: " + pass.error().message);
    }
}

own::Share wait_for(sys::Effects& effects, own::Ownership& volume, const Keeper& keeper,
                    const std::optional<Owner>& owner) {
    sys::log_info("this member stands by: the gateways of this volume belong to " +
                  to_text(owner, Guard::lock));
    keeper.is_ready();
    take_down(effects, keeper);
    auto share = volume.wait(effects);
    sys::log_info("the volume is free: its gateways come up here");
    return share;
}

} // namespace

Result<std::optional<own::Share>> keep_volume(sys::Effects& effects, const Keeper& keeper) {
    if (!view_of_container(keeper.settings).container.runs_gateways) {
        return std::nullopt;
    }
    const auto volume = own::ownership_of(keeper.home, keeper.settings);
    auto share = volume->take(effects);
    if (!share.is_ours() && keeper.settings.role == Role::standby) {
        share = wait_for(effects, *volume, keeper, share.owner);
    }
    const bool is_news = share.kind != own::Share::Kind::joined;
    keeper.is_ready();
    if (is_news) {
        if (auto passed = pass_over(effects, keeper); !passed) {
            return std::unexpected(std::move(passed.error()));
        }
    }
    return share.keep ? std::optional(std::move(share)) : std::nullopt;
}

} // namespace gw::reconcile
