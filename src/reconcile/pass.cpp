#include "reconcile/pass.hpp"

#include "reconcile/observe.hpp"
#include "reconcile/plan.hpp"
#include "rules/runner.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/prepare.hpp"
#include "supervise/s6/slot.hpp"

namespace gw::reconcile {

namespace {

Result<void> check_runner(const store::Home& home, const Settings& settings) {
    return check_root_was_asked(store::account_of_home(home).uid, home.path(), settings.user);
}

/// A boot pass on the bare mount point of a volume would end every gateway and write there.
Result<void> check_volume_is_there(const store::Home& home, const supervise::Scandir& scandir) {
    if (home.has_profiles()) {
        return {};
    }
    const auto listing = scandir.list();
    if (!listing) {
        return std::unexpected(listing.error());
    }
    std::vector<OwnSlot> slots;
    for (const auto& name : listing->slots) {
        auto seen = scandir.observe(name, home);
        if (seen.kind == ObservedSlot::Kind::ours) {
            slots.push_back({name.is_root(), std::move(seen.made_for)});
        }
    }
    return volume_is_away(home.identity(), slots)
               ? fail(Errc::not_found,
                      "the volume of " + home.path() + " seems to be away: it has no profiles/, " +
                          "but slots were made for it; nothing is touched",
                      "mount the volume, then gatewayctl reconcile; or, for each profile that is "
                      "gone for good, gatewayctl unregister NAME")
               : Result<void>{};
}

} // namespace

Result<Plan> plan_pass(const store::Home& home, const Settings& settings) {
    if (auto good = check_runner(home, settings); !good) {
        return std::unexpected(std::move(good.error()));
    }
    const auto scandir = supervise::Scandir::open(settings.scandir);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    if (auto there = *scandir ? check_volume_is_there(home, **scandir) : Result<void>{}; !there) {
        return std::unexpected(std::move(there.error()));
    }
    auto observed = observe(home, *scandir, settings);
    return observed ? Result<Plan>(make_plan(std::move(observed->facts)))
                    : std::unexpected(std::move(observed.error()));
}

Result<Pass> run_pass(sys::Effects& effects, const store::Home& home, const Settings& settings) {
    if (auto good = check_runner(home, settings); !good) {
        return std::unexpected(std::move(good.error()));
    }
    auto made = supervise::make_scandir(effects, settings.scandir, settings.tree_kind);
    if (!made) {
        return std::unexpected(std::move(made.error()));
    }
    const std::optional scandir(std::move(*made));
    const auto lock = supervise::lock_scandir(effects, *scandir);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    if (auto there = check_volume_is_there(home, *scandir); !there) {
        return std::unexpected(std::move(there.error()));
    }
    const auto ports = store::lock_ports(effects, home.directory());
    if (!ports && ports.error().code == Errc::timed_out) {
        return std::unexpected(ports.error()); // what cannot hold a lock cannot hold a port either
    }
    auto observed = observe(home, scandir, settings);
    if (!observed) {
        return std::unexpected(std::move(observed.error()));
    }
    Pass pass{make_plan(std::move(observed->facts)), {}};
    pass.plan.repeats = scandir->was_passed() && !pass.plan.supervisor_live;
    pass.report = apply(effects, pass.plan, observed->directories, *scandir, settings, *lock);
    if (scandir->tree() == TreeKind::own && !scandir->was_passed()) {
        if (auto kept = effects.replace_file(scandir->directory(), own_tree_mark, passed_word,
                                             sys::Durability::volatile_);
            !kept) {
            pass.report.errors.push_back(std::move(kept.error()));
        }
    }
    return pass;
}

} // namespace gw::reconcile
