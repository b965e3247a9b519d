#include "reconcile/apply.hpp"

#include "reconcile/report.hpp"
#include "render/slot.hpp"
#include "store/boot_log.hpp"
#include "store/copied_profile.hpp"
#include "store/intent_store.hpp"
#include "store/leftovers.hpp"
#include "store/operation_lock.hpp"
#include "store/park.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/keeper_slot.hpp"
#include "supervise/s6/take_up.hpp"
#include "sys/clock.hpp"
#include "sys/side_by_side.hpp"

#include <algorithm>
#include <functional>
#include <tuple>

namespace gw::reconcile {

namespace {

/// Carries out the steps of one profile; each kind of step is one overload.
class StepRunner {
  public:
    StepRunner(sys::Effects& effects, const Ground& ground, const ProfileName& profile)
        : effects_(effects), directories_(ground.directories), scandir_(ground.scandir),
          deadline_(ground.retirement), profile_(profile) {}

    Result<void> operator()(const CreateSlot& step) {
        return supervise::create_slot(effects_, scandir_, profile_, render_slot(*step.spec));
    }
    Result<void> operator()(const UpdateSlot& step) {
        return supervise::update_slot(effects_, scandir_, profile_, step);
    }
    Result<void> operator()(const BringUp& /*step*/) {
        // s6-svscan starts the supervisors of a service and of its logger one after the other.
        auto unseen = supervise::take_up(effects_, scandir_, {&profile_, 1});
        return unseen.empty() ? supervise::bring_up(effects_, scandir_, profile_)
                              : std::unexpected(std::move(unseen.front().error));
    }
    Result<void> operator()(const RemoveStale& step) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return effects_.remove_file(directory, step.file);
        });
    }
    Result<void> operator()(const KeepCorruptAside& /*step*/) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::replace_corrupt_state(effects_, directory);
        });
    }
    Result<void> operator()(const KeepRegistered& /*step*/) {
        return keep(sys::Durability::durable,
                    [](ServiceSettings& settings) { settings.unregistered.reset(); });
    }
    Result<void> operator()(const KeepPort& step) {
        // Not worth a flush of the disk for each of many profiles: it can be chosen again.
        return keep(sys::Durability::volatile_,
                    [&](ServiceSettings& settings) { settings.port = step.port; });
    }
    Result<void> operator()(const ForgetOriginal& /*step*/) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::forget_original(effects_, directory);
        });
    }
    Result<void> operator()(const AdoptIntent& step) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::adopt_intent(effects_, directory,
                                       store::provenance_now("gatewayctl reconcile", step.origin));
        });
    }
    Result<void> operator()(const EndParking& /*step*/) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::end_parking(effects_, directory);
        });
    }
    Result<void> operator()(const RepairIntent& /*step*/) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::repair_intent(effects_, directory);
        });
    }
    Result<void> operator()(const CleanLeftover& step) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            return store::remove_leftover(effects_, directory, step.name);
        });
    }
    Result<void> operator()(const RetireSlot& /*step*/) {
        auto failures = supervise::retire_slots(effects_, scandir_, {profile_}, deadline_);
        return failures.empty() ? Result<void>{}
                                : std::unexpected(std::move(failures.front().error));
    }
    // Steps of the scandir as a whole.
    Result<void> operator()(const TakeUp& /*step*/) { return {}; }
    Result<void> operator()(const KeepVolume& /*step*/) { return {}; }

  private:
    Result<void> keep(sys::Durability durability,
                      const std::function<void(ServiceSettings&)>& edit) {
        return directories_.change_in(profile_, [&](const sys::Directory& directory) {
            const auto kept = store::edit_service_settings(effects_, directory, durability, edit);
            return kept ? Result<void>{} : std::unexpected(kept.error());
        });
    }

    sys::Effects& effects_;
    const ProfileDirectories& directories_;
    const supervise::Scandir& scandir_;
    milliseconds deadline_;
    const ProfileName& profile_;
};

void apply_scandir_steps(sys::Effects& effects, const Plan& plan, const supervise::Scandir& scandir,
                         milliseconds deadline, Report& report) {
    for (const auto& [step, why] : plan.leftovers) {
        const auto& name = std::get<CleanLeftover>(step).name;
        if (auto done = supervise::clean_leftover(effects, scandir, name, deadline); !done) {
            report.errors.push_back(std::move(done.error()));
        }
    }
    std::vector<ProfileName> retired;
    retired.reserve(plan.retired.size());
    for (const auto& [profile, step] : plan.retired) {
        retired.push_back(profile);
    }
    for (auto& [profile, error] : supervise::retire_slots(effects, scandir, retired, deadline)) {
        report.not_retired.push_back(profile);
        report.errors.push_back(std::move(error).within("cannot retire " + profile.slot()));
    }
}

bool forgets_original(const Step& step) {
    return std::holds_alternative<ForgetOriginal>(step);
}

enum class Round {
    copies, ///< as long as the originals' files say who they are
    rest,
};

/// Operations hold their lock for milliseconds. One that holds it for longer may be waiting for the
/// scandir's, which this pass has.
constexpr std::chrono::seconds patience_with_operations{2};

/// What keeps the pass from deciding whether the gateway is up, as long as its lock is held: from
/// then on no operation comes between.
struct LastLook {
    std::optional<sys::FileLock> lock;
    bool overtaken = false;
    std::optional<Error> busy;
};

LastLook look_again(sys::Effects& effects, const Ground& ground, const ProfilePlan& profile) {
    LastLook last;
    (void)ground.directories.change_in(profile.name, [&](const sys::Directory& directory) {
        auto lock = store::lock_operations(effects, directory, patience_with_operations);
        last.overtaken = ground.decide_again(profile.name, directory) != profile.decision.goal;
        if (lock) {
            last.lock = std::move(*lock);
        } else if (lock.error().code == Errc::timed_out && !last.overtaken) {
            last.busy = std::move(lock.error());
        }
        // Where no lock can be had at all, no operation can be accepted either.
        return Result<void>{};
    });
    return last;
}

void apply_step(const PlannedStep& planned, StepRunner& runner, Outcome& outcome) {
    if (auto done = std::visit(runner, planned.step); !done) {
        outcome.slot_agrees = outcome.slot_agrees && !concerns_slot(planned.step);
        outcome.errors.push_back(
            std::move(done.error()).within("cannot " + describe(planned.step)));
    }
}

void apply_steps(sys::Effects& effects, const Ground& ground, const ProfilePlan& profile,
                 Round round, Outcome& outcome) {
    StepRunner runner(effects, ground, profile.name);
    LastLook last;
    if (round == Round::rest && profile.has_step(decides_up_or_down)) {
        last = look_again(effects, ground, profile);
    }
    outcome.overtaken = outcome.overtaken || last.overtaken;
    outcome.slot_agrees = outcome.slot_agrees && !last.busy && !last.overtaken;
    if (last.busy) {
        outcome.errors.push_back(std::move(*last.busy).within("its slot is left as it is"));
    }
    const bool may_change_slot = !last.busy && !last.overtaken;
    for (const auto& planned : profile.steps) {
        const bool is_due = forgets_original(planned.step) == (round == Round::copies);
        if (is_due && (may_change_slot || !concerns_slot(planned.step))) {
            apply_step(planned, runner, outcome);
        }
    }
}

/// At a container's boot nothing lives yet that a step would have to talk to, and the slots are
/// made side by side.
void apply_profile_steps(sys::Effects& effects, const Plan& plan, const Ground& ground,
                         Report& report) {
    for (const auto round : {Round::copies, Round::rest}) {
        const auto apply_one = [&](std::size_t i) {
            apply_steps(effects, ground, plan.profiles[i], round, report.profiles[i]);
        };
        if (plan.supervisor_live || round == Round::copies) {
            for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
                apply_one(i);
            }
        } else {
            const sys::ExactModes of_all_threads;
            sys::for_each_side_by_side(plan.profiles.size(), apply_one);
        }
    }
}

Outcome outcome_before_any_step(const ProfilePlan& profile) {
    Outcome outcome;
    if (profile.obstacle) {
        outcome.errors.push_back({Errc::conflict, to_line(*profile.obstacle), {}});
        outcome.slot_agrees = false;
    }
    return outcome;
}

bool adopts(const Plan& plan) {
    return std::any_of(plan.profiles.begin(), plan.profiles.end(), [](const ProfilePlan& profile) {
        return profile.has_step(
            [](const Step& step) { return std::holds_alternative<AdoptIntent>(step); });
    });
}

/// Slots that are there now and that s6-svscan has not seen: only when it has taken them up they
/// are what the plan says.
void take_up_slots(sys::Effects& effects, const Plan& plan, const supervise::Scandir& scandir,
                   Report& report) {
    std::vector<ProfileName> unseen;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        const bool is_new = plan.profiles[i].has_step([](const Step& step) {
            return std::holds_alternative<CreateSlot>(step) || std::holds_alternative<TakeUp>(step);
        });
        if (is_new && report.profiles[i].slot_agrees) {
            unseen.push_back(plan.profiles[i].name);
            places.push_back(i);
        }
    }
    for (auto& [profile, error] : supervise::take_up(effects, scandir, unseen)) {
        const auto at = std::find(unseen.begin(), unseen.end(), profile) - unseen.begin();
        auto& outcome = report.profiles[places[static_cast<std::size_t>(at)]];
        outcome.slot_agrees = false;
        outcome.errors.push_back(std::move(error));
    }
}

void note_keeper(Result<void> done, Report& report) {
    if (!done) {
        report.errors.push_back(std::move(done.error()).within("cannot keep the volume"));
    }
}

/// s6-svscan takes it up with the slots.
void write_keeper(sys::Effects& effects, const Plan& plan, const supervise::Scandir& scandir,
                  Report& report) {
    if (plan.keeper) {
        const auto& files = std::get<KeepVolume>(plan.keeper->step).files;
        if (!files.empty()) {
            note_keeper(supervise::write_keeper(effects, scandir, files), report);
        }
    }
}

/// Nothing is up that cannot run.
void refuse_ups(const Plan& plan, const Error& why, Report& report) {
    for (std::size_t i = 0; i < plan.profiles.size(); ++i) {
        if (plan.profiles[i].decision.goal == SlotGoal::up) {
            report.profiles[i].slot_agrees = false;
            report.profiles[i].errors.push_back(why);
        }
    }
}

} // namespace

bool Report::failed() const {
    return doubts || !errors.empty() ||
           std::any_of(profiles.begin(), profiles.end(),
                       [](const Outcome& o) { return !o.errors.empty(); });
}

Report apply(sys::Effects& effects, const Plan& plan, const Ground& ground) {
    const auto& [directories, scandir] = std::tie(ground.directories, ground.scandir);
    Report report;
    report.doubts = plan.leaves_doubts();
    // Leftovers first: a staging directory of the same name would stand in the way.
    apply_scandir_steps(effects, plan, scandir, ground.retirement, report);
    for (const auto& profile : plan.profiles) {
        report.profiles.push_back(outcome_before_any_step(profile));
    }
    apply_profile_steps(effects, plan, ground, report);
    write_keeper(effects, plan, scandir, report);
    if (adopts(plan)) {
        if (auto done = effects.sync_file_system(directories.home().directory()); !done) {
            report.errors.push_back(std::move(done.error()).within("cannot keep what was adopted"));
        }
    }
    const auto can = scandir.check_can_run();
    if (!can) {
        refuse_ups(plan, can.error(), report);
    } else if (plan.supervisor_live) {
        take_up_slots(effects, plan, scandir, report);
        if (plan.keeper) {
            // It has its share before that of this process ends.
            note_keeper(supervise::raise_keeper(effects, scandir), report);
        }
    }
    if (plan.owned_elsewhere) {
        return report;
    }
    const auto time = sys::now().wall;
    const auto& home = directories.home().directory();
    auto logged = store::append_boot_log(effects, home, boot_log_lines(plan, report, time));
    if (logged) {
        logged = store::append_boot_history(effects, home, history_line(plan, report, time));
    }
    if (!logged) {
        report.errors.push_back(std::move(logged.error()).within("cannot write the boot log"));
    }
    return report;
}

} // namespace gw::reconcile
