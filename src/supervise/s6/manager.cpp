#include "supervise/s6/manager.hpp"

#include "base/text.hpp"
#include "render/slot.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/drift.hpp"
#include "supervise/s6/log_files.hpp"
#include "supervise/s6/news.hpp"
#include "supervise/s6/slot.hpp"
#include "supervise/s6/svstat.hpp"
#include "supervise/s6/take_up.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>

namespace gw::supervise {

namespace {

/// s6-svstat(1) answers so when nothing supervises the directory, and with system_call_failed when
/// it finds no status. A supervisor listens a moment before it has written its first.
constexpr int svstat_unsupervised = 1;
constexpr int system_call_failed = 111;
constexpr std::chrono::milliseconds birth_of_a_supervisor{500};

/// s6's tools say by their exit code what went wrong; the numbers differ between 2.11 and 2.15.
Error tool_error(const Argv& argv, const sys::CommandOutput& output) {
    constexpr int unsupervised_2_11 = 100;
    constexpr int unsupervised_2_15 = 102;
    const std::string words = printable(trimmed(output.err));
    Error error{Errc::command_failed,
                fmt::format("{} failed with code {}: {}", shell_join(argv), output.exit_code,
                            words.empty() ? "it said nothing" : words),
                {}};
    if (output.exit_code == unsupervised_2_11 || output.exit_code == unsupervised_2_15) {
        error.next = "gatewayctl reconcile";
    }
    if (output.exit_code == system_call_failed &&
        words.find("ermission denied") != std::string::npos) {
        error.code = Errc::not_permitted;
        error.next = "run gatewayctl as the owner of the home, or as root";
    }
    return error;
}

/// s6-svstat was quicker than the supervisor's first status, or slower than its last.
bool is_unborn(const sys::CommandOutput& svstat) {
    return svstat.exit_code == svstat_unsupervised ||
           (svstat.exit_code == system_call_failed &&
            svstat.err.find("No such file or directory") != std::string::npos);
}

Result<sys::CommandOutput> checked(const Argv& argv, Result<sys::CommandOutput> output) {
    if (output && output->exit_code != 0) {
        return std::unexpected(tool_error(argv, *output));
    }
    return output;
}

} // namespace

Result<std::unique_ptr<ServiceManager>> S6Manager::open(const store::Home& home,
                                                        const Settings& settings) {
    auto scandir = Scandir::open(settings.scandir);
    if (!scandir) {
        return std::unexpected(std::move(scandir.error()));
    }
    if (!*scandir) {
        return fail(Errc::no_manager, "there is no scandir " + settings.scandir,
                    "set S6_PROFILE_GATEWAY_SCANDIR or --scandir to the directory that s6-svscan "
                    "watches");
    }
    return std::unique_ptr<ServiceManager>(
        new S6Manager(home, settings, std::move(**scandir))); // NOLINT: private constructor
}

std::string S6Manager::path_of(const ProfileName& profile) const {
    return scandir_.path() + "/" + profile.slot();
}

namespace {

/// Whether the service has ended at least once under this supervisor: s6-supervise tallies deaths
/// in a file (s6-svdt(1)), which is empty or missing before the first.
bool has_died(const Scandir& scandir, const ProfileName& profile) {
    constexpr std::size_t any = 1;
    const auto tally =
        sys::read_file(scandir.directory(), profile.slot() + "/supervise/death_tally", any);
    return tally.answer == sys::FileContent::Answer::too_large || !tally.bytes.empty();
}

} // namespace

Argv S6Manager::question_about(const ProfileName& profile) const {
    return {"s6-svstat", "-o", svstat_fields, path_of(profile)};
}

Result<std::optional<ObservedService>>
S6Manager::understand(const ProfileName& profile, const ObservedSlot& slot,
                      const Result<sys::CommandOutput>& answer) const {
    if (answer && is_unborn(*answer)) {
        return std::nullopt;
    }
    const auto output = checked(question_about(profile), answer);
    if (!output) {
        return std::unexpected(output.error());
    }
    auto seen = parse_svstat(output->out);
    if (!seen) {
        return std::unexpected(std::move(seen.error()));
    }
    const auto now = std::chrono::duration_cast<seconds>(sys::now().wall.time_since_epoch());
    seen->since = now.count() - seen->since.value_or(0);
    if (seen->process) {
        // The pid may be gone by now: then there is no process.
        seen->process = sys::identity_of(seen->process->pid);
    }
    if (!seen->up && !has_died(scandir_, profile)) {
        seen->last_exit.reset(); // s6-svstat says "exit code 0" of a service that never ran
    }
    if (!slot.content.contains("notification-fd")) {
        seen->ready.reset();
    }
    return std::move(*seen);
}

Result<std::optional<ObservedSlot>> S6Manager::slot_of(const ProfileName& profile) const {
    auto slot = scandir_.observe(profile, home_);
    switch (slot.kind) {
    case ObservedSlot::Kind::absent:
        return std::nullopt;
    case ObservedSlot::Kind::ours:
        return slot;
    case ObservedSlot::Kind::unreadable:
        return fail(Errc::not_permitted, path_of(profile) + ": " + slot.detail,
                    "run it as the user of the gateways, or as root");
    default:
        return fail(Errc::conflict, path_of(profile) + " is not ours: " + slot.detail,
                    "ls -ld " + path_of(profile));
    }
}

Result<bool> S6Manager::is_registered(const ProfileName& profile) const {
    const auto slot = slot_of(profile);
    return slot ? Result<bool>(slot->has_value()) : std::unexpected(slot.error());
}

Result<ObservedService> S6Manager::observe_process(const ProfileName& profile) const {
    Result<ObservedService> answer;
    (void)sys::poll_until(sys::Deadline(birth_of_a_supervisor), [&] {
        const auto slot = slot_of(profile);
        if (!slot) {
            answer = std::unexpected(slot.error());
            return true;
        }
        ObservedService unsupervised;
        unsupervised.registered = slot->has_value();
        answer = std::move(unsupervised);
        if (!*slot || !(*slot)->supervised) {
            return true;
        }
        auto seen = understand(profile, **slot, sys::query(question_about(profile), tool_deadline));
        if (!seen || *seen) {
            answer = seen ? Result<ObservedService>(std::move(**seen))
                          : std::unexpected(std::move(seen.error()));
            return true;
        }
        return false; // its supervisor has not written a status yet
    });
    return answer;
}

std::vector<Result<ObservedService>>
S6Manager::observe_processes(std::span<const ProfileName> profiles) const {
    std::vector<Argv> questions;
    questions.reserve(profiles.size());
    for (const auto& profile : profiles) {
        questions.push_back(question_about(profile));
    }
    const auto answers = sys::query_all(questions, tool_deadline);
    std::vector<Result<ObservedService>> all;
    all.reserve(profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const auto slot = slot_of(profiles[i]);
        auto seen = slot && *slot && (*slot)->supervised
                        ? understand(profiles[i], **slot, answers[i])
                        : Result<std::optional<ObservedService>>(std::nullopt);
        all.push_back(seen && *seen ? Result<ObservedService>(std::move(**seen))
                                    : observe_process(profiles[i]));
    }
    return all;
}

Result<ObservedService> S6Manager::observe(const ProfileName& profile) const {
    auto seen = observe_process(profile);
    if (seen && seen->registered) {
        auto slot = scandir_.observe(profile, home_);
        seen->drift = drift_of(due_update(home_, settings_, profile, slot));
        seen->made_for = std::move(slot.made_for);
    }
    return seen;
}

Result<std::vector<ProfileName>> S6Manager::list() const {
    const auto listing = scandir_.list();
    if (!listing) {
        return std::unexpected(listing.error());
    }
    std::vector<ProfileName> ours;
    for (const auto& profile : listing->slots) {
        if (scandir_.observe(profile, home_).kind == ObservedSlot::Kind::ours) {
            ours.push_back(profile);
        }
    }
    return ours;
}

std::unique_ptr<News> S6Manager::news(std::span<const ProfileName> profiles) const {
    return make_slot_news(scandir_, profiles);
}

Result<void> S6Manager::command(sys::Effects& effects, const char* option,
                                const std::string& service) {
    const Argv argv = {"s6-svc", option, service};
    const auto output = checked(argv, effects.run(argv, tool_deadline));
    return output ? Result<void>{} : std::unexpected(output.error());
}

Result<void> S6Manager::have_supervised(sys::Effects& effects, const ProfileName& profile) {
    if (auto can = scandir_.check_can_run(); !can) {
        return can;
    }
    auto failures = take_up(effects, scandir_, {&profile, 1});
    return failures.empty() ? Result<void>{} : std::unexpected(std::move(failures.front().error));
}

Result<void> S6Manager::start(sys::Effects& effects, const ProfileName& profile) {
    if (auto done = have_supervised(effects, profile); !done) {
        return done;
    }
    if (auto done = command(effects, "-U", path_of(profile) + "/log"); !done) {
        return done;
    }
    return command(effects, "-U", path_of(profile));
}

Result<void> S6Manager::stop(sys::Effects& effects, const ProfileName& profile) {
    return command(effects, "-D", path_of(profile));
}

std::string S6Manager::plain_stop(const ProfileName& profile) const {
    return shell_join(Argv{"s6-svc", "-d", path_of(profile)});
}

Result<void> S6Manager::hold_down(sys::Effects& effects, const ProfileName& profile) {
    const auto slot = scandir_.directory().find(profile.slot());
    if (!slot || !*slot) {
        return slot ? Result<void>{} : std::unexpected(slot.error());
    }
    auto done = effects.replace_file(**slot, "down", "", sys::Durability::volatile_);
    // It may have come back before the file was there.
    const bool is_back = scandir_.observe(profile, home_).supervised;
    return done && is_back ? stop(effects, profile) : done;
}

Result<void> S6Manager::restart(sys::Effects& effects, const ProfileName& profile) {
    if (auto can = scandir_.check_can_run(); !can) {
        return can;
    }
    return command(effects, "-dU", path_of(profile));
}

std::vector<Result<void>> S6Manager::drain(sys::Effects& effects,
                                           std::span<const ProfileName> profiles) {
    std::vector<Argv> commands;
    commands.reserve(profiles.size());
    for (const auto& profile : profiles) {
        commands.push_back({"s6-svc", "-d", path_of(profile)});
    }
    auto outputs = effects.run_all(commands, tool_deadline);
    std::vector<Result<void>> done;
    done.reserve(profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        const auto output = checked(commands[i], std::move(outputs[i]));
        done.push_back(output ? Result<void>{} : std::unexpected(output.error()));
    }
    return done;
}

Result<void> S6Manager::kill(sys::Effects& effects, const ProfileName& profile) {
    return command(effects, "-k", path_of(profile));
}

namespace {

std::vector<SlotFile> rendered(const store::Home& home, ServiceSpec spec) {
    spec.origin = home.origin_of(spec.profile);
    return render_slot(spec);
}

} // namespace

Result<void> S6Manager::add(sys::Effects& effects, const ServiceSpec& spec) {
    const auto lock = lock_scandir(effects, scandir_);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto slot = scandir_.observe(spec.profile, home_);
    if (slot.kind != ObservedSlot::Kind::absent) {
        const bool ours = slot.kind == ObservedSlot::Kind::ours;
        if (ours && !slot.supervised) {
            return have_supervised(effects, spec.profile); // what made it did not live to see that
        }
        return fail(Errc::conflict,
                    ours ? "'" + spec.profile.str() + "' is already registered"
                         : path_of(spec.profile) + " is not ours: " + slot.detail,
                    ours ? "gatewayctl status " + spec.profile.str()
                         : "ls -ld " + path_of(spec.profile));
    }
    if (auto cleaned =
            clean_leftover(effects, scandir_, scandir_names::staging(spec.profile), tool_deadline);
        !cleaned) {
        return cleaned;
    }
    if (auto created = create_slot(effects, scandir_, spec.profile, rendered(home_, spec));
        !created) {
        return created;
    }
    if (auto asked = have_supervised(effects, spec.profile); !asked) {
        (void)retire_slots(effects, scandir_, {spec.profile}, tool_deadline);
        return std::unexpected(std::move(asked.error()).within("the slot was taken back"));
    }
    return {};
}

Result<void> S6Manager::renew(sys::Effects& effects, const ProfileName& profile) {
    const auto directory = home_.find(profile);
    if (!directory || !*directory || !store::read_service_settings(**directory).problem.empty()) {
        return {}; // what is kept for it is not known: the slot keeps its scripts
    }
    const auto drifted = [&] {
        const auto slot = scandir_.observe(profile, home_);
        return slot.kind == ObservedSlot::Kind::ours ? due_update(home_, settings_, profile, slot)
                                                     : UpdateSlot{};
    };
    if (drift_of(drifted()).empty()) {
        return {};
    }
    const auto lock = lock_scandir(effects, scandir_);
    return lock ? update_slot(effects, scandir_, profile, drifted())
                : std::unexpected(lock.error());
}

Result<void> S6Manager::remove(sys::Effects& effects, const ProfileName& profile) {
    const auto lock = lock_scandir(effects, scandir_);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto deadline = stop_deadline(settings_.drain_timeout);
    const auto slot = scandir_.observe(profile, home_);
    if (slot.kind == ObservedSlot::Kind::ours) {
        if (scandir_.supervisor_live() && !scandir_.wholly_supervised(profile.slot())) {
            // s6-svscan is about to start what is missing, and must not do so halfway through.
            (void)hold_down(effects, profile);
            (void)have_supervised(effects, profile);
        }
        for (auto& failure : retire_slots(effects, scandir_, {profile}, deadline)) {
            return std::unexpected(std::move(failure.error));
        }
    } else if (slot.kind != ObservedSlot::Kind::absent) {
        return fail(Errc::conflict, path_of(profile) + " is left alone: " + slot.detail,
                    "ls -ld " + path_of(profile));
    }
    for (const auto& leftover :
         {scandir_names::staging(profile), scandir_names::retired(profile)}) {
        if (auto cleaned = clean_leftover(effects, scandir_, leftover, deadline); !cleaned) {
            return cleaned;
        }
    }
    // The logger is gone with its supervisor, so its lock is nobody's.
    const auto logs = home_.directory().find("logs/gateways/" + profile.str());
    return logs && *logs ? effects.remove_file(**logs, "lock") : Result<void>{};
}

Result<Argv> S6Manager::log_command(const ProfileName& profile, const LogRequest& request) const {
    const std::string log = "logs/gateways/" + profile.str();
    const auto logs = home_.directory().find(log);
    auto argv = logs && *logs ? log_argv(**logs, request) : std::nullopt;
    if (!argv) {
        return fail(logs ? Errc::not_found : logs.error().code,
                    fmt::format("'{}' has no log: {}", profile.str(),
                                logs ? home_.directory().path_of(log) + "/current does not exist"
                                     : logs.error().message),
                    "gatewayctl status " + profile.str());
    }
    return std::move(*argv);
}

} // namespace gw::supervise
