#include "reconcile/pass.hpp"

#include "own/places.hpp"
#include "reconcile/observe.hpp"
#include "reconcile/plan.hpp"
#include "render/keeper.hpp"
#include "rules/runner.hpp"
#include "rules/time_limits.hpp"
#include "store/profile_snapshot.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/prepare.hpp"
#include "supervise/s6/slot.hpp"
#include "sys/self.hpp"

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

struct Planned {
    Plan plan;
    ProfileDirectories directories;
    own::Places places;
};

/// What is there, and what is to be done about it.
Result<Planned> plan_for(const store::Home& home, const std::optional<supervise::Scandir>& scandir,
                         const Settings& settings, const VolumeView& volume, AfterPass after) {
    auto observed = observe(home, scandir, settings, volume.container);
    if (!observed) {
        return std::unexpected(std::move(observed.error()));
    }
    auto& facts = observed->facts;
    facts.findings.insert(facts.findings.end(), volume.findings.begin(), volume.findings.end());
    observe_keeper(volume, settings, after, scandir, facts);
    RenderedSlot keeper;
    if (facts.keeper_wanted) {
        keeper =
            render_keeper({sys::own_program().value_or("gatewayctl"), home.path(), settings.scandir,
                           store::account_of_home(home), settings.tree_kind});
    }
    const auto look = [&](const ProfileName& profile) {
        return scandir ? scandir->observe(profile, home) : ObservedSlot{};
    };
    return Planned{make_plan(std::move(facts), std::move(keeper), look),
                   std::move(observed->directories), std::move(observed->places)};
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
    const auto volume = look_at_volume(*own::ownership_of(home, settings), settings);
    auto planned = plan_for(home, *scandir, settings, volume, AfterPass::ends);
    return planned ? Result<Plan>(std::move(planned->plan))
                   : std::unexpected(std::move(planned.error()));
}

namespace {

/// A chosen port is a change of the volume: where that is another member's, nobody chooses.
Result<std::optional<sys::FileLock>> lock_ports(sys::Effects& effects, const store::Home& home,
                                                const VolumeView& volume) {
    if (volume.container.foreign_owner) {
        return std::nullopt;
    }
    auto lock = store::lock_ports(effects, home.directory());
    if (lock) {
        return std::move(*lock);
    }
    // What cannot hold a lock cannot hold a port either.
    return lock.error().code == Errc::timed_out
               ? Result<std::optional<sys::FileLock>>(std::unexpected(std::move(lock.error())))
               : std::nullopt;
}

DecideAgain decide_again_by(const ContainerFacts& container, const own::Places& places) {
    return [&](const ProfileName& profile, const sys::Directory& directory) {
        auto facts = store::facts_of(store::read_snapshot(directory));
        facts.placed_elsewhere = places.elsewhere(profile);
        return decide(container, facts, profile).goal;
    };
}

} // namespace

Result<Pass> run_pass(sys::Effects& effects, const store::Home& home, const Settings& settings,
                      AfterPass after) {
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
    own::Share share;
    const auto volume = take_volume(effects, *own::ownership_of(home, settings), settings, share);
    const auto ports = lock_ports(effects, home, volume);
    if (!ports) {
        return std::unexpected(ports.error());
    }
    auto planned = plan_for(home, scandir, settings, volume, after);
    if (!planned) {
        return std::unexpected(std::move(planned.error()));
    }
    Pass pass{std::move(planned->plan), {}, std::move(share)};
    pass.plan.repeats = scandir->was_passed() && !pass.plan.supervisor_live;
    pass.report = apply(effects, pass.plan,
                        {.directories = planned->directories,
                         .scandir = *scandir,
                         .scandir_lock = *lock,
                         .retirement = stop_deadline(settings.drain_timeout),
                         .decide_again = decide_again_by(volume.container, planned->places)});
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
