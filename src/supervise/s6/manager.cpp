#include "supervise/s6/manager.hpp"

#include "base/text.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/slot.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"

#include <charconv>
#include <fmt/format.h>
#include <thread>

namespace gw::supervise {

namespace {

constexpr std::chrono::milliseconds poll_pause{5};
/// s6-supervise kills a `finish` script after 5 s (timeout-finish's default, servicedir(7)).
constexpr seconds finish_deadline{6};
/// s6-svstat(1) answers so when it finds no status. A supervisor listens a moment before it has
/// written its first.
constexpr int svstat_unsupervised = 1;
constexpr std::chrono::milliseconds birth_of_a_supervisor{500};

/// s6's tools say by their exit code what went wrong; the numbers differ between 2.11 and 2.15.
Error tool_error(const Argv& argv, const sys::CommandOutput& output) {
    constexpr int unsupervised_2_11 = 100;
    constexpr int unsupervised_2_15 = 102;
    constexpr int system_call_failed = 111;
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

Result<sys::CommandOutput> checked(const Argv& argv, Result<sys::CommandOutput> output) {
    if (output && output->exit_code != 0) {
        return std::unexpected(tool_error(argv, *output));
    }
    return output;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (!(line = trimmed(line)).empty()) {
        const auto end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
    return words;
}

std::optional<std::int64_t> number(std::string_view word) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    return error == std::errc() && end == word.data() + word.size() ? std::optional(value)
                                                                    : std::nullopt;
}

bool is_boolean(std::string_view word) {
    return word == "true" || word == "false";
}

} // namespace

Result<ObservedService> parse_svstat(std::string_view line) {
    const auto words = words_of(line);
    constexpr std::size_t fields = 8;
    const auto nonsense = [&] {
        return fail(Errc::command_failed,
                    "s6-svstat answered nonsense: '" + printable(trimmed(line)) + "'",
                    "s6-svstat --help; is it the s6 of skarnet.org?");
    };
    if (words.size() != fields || !is_boolean(words[1]) || !is_boolean(words[2]) ||
        !is_boolean(words[3])) {
        return nonsense();
    }
    const auto pid = number(words[0]);
    const auto exit_code = number(words[4]);
    const auto signal = number(words[5]);
    const auto seconds_since = number(words[6]);
    if (!pid || !exit_code || !signal || !seconds_since || *pid > INT32_MAX) {
        return nonsense();
    }
    ObservedService seen;
    seen.registered = true;
    seen.supervised = true;
    seen.up = words[1] == "true";
    seen.wants_up = words[2] == "true";
    seen.ready = words[3] == "true";
    if (*pid > 0) {
        seen.process = ProcessIdentity{Pid{static_cast<std::int32_t>(*pid)}, std::nullopt};
    }
    if (*exit_code >= 0 || *signal > 0) {
        seen.last_exit = LastExit{};
        if (*signal > 0) {
            seen.last_exit->signal = static_cast<int>(*signal);
        } else {
            seen.last_exit->code = static_cast<int>(*exit_code);
        }
    }
    seen.change = words[7];     // a TAI64N label
    seen.since = seconds_since; // an age; the caller turns it into a time
    return seen;
}

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

std::string drift_of(const store::Home& home, const Settings& settings, const ProfileName& profile,
                     const ObservedSlot& slot) {
    const auto account = store::account_of_home(home);
    const auto directory = home.find(profile);
    if (!account || !directory || !*directory) {
        return {};
    }
    SlotSpec spec = slot_spec(home.path(), settings, profile,
                              store::read_service_settings(**directory).settings, *account);
    // Up or down is the operator's, not the slot's drift.
    spec.starts = !slot.content.contains("down");
    const auto difference = compare_slot(render_slot(spec), slot.content);
    std::string out;
    for (const auto* paths : {&difference.changed, &difference.extra}) {
        for (const auto& path : *paths) {
            if (path != "log/down") {
                out += (out.empty() ? "" : ", ") + path;
            }
        }
    }
    return out;
}

/// Whether the service has ended at least once under this supervisor: s6-supervise tallies deaths
/// in a file (s6-svdt(1)), which is empty or missing before the first.
bool has_died(const Scandir& scandir, const ProfileName& profile) {
    constexpr std::size_t any = 1;
    const auto tally =
        sys::read_file(scandir.directory(), profile.slot() + "/supervise/death_tally", any);
    return tally.answer == sys::FileContent::Answer::too_large || !tally.bytes.empty();
}

} // namespace

Result<std::optional<ObservedService>> S6Manager::ask(const ProfileName& profile,
                                                      const ObservedSlot& slot) const {
    const Argv argv = {"s6-svstat", "-o", svstat_fields, path_of(profile)};
    const auto answer = sys::query(argv, tool_deadline);
    if (answer && answer->exit_code == svstat_unsupervised) {
        return std::nullopt;
    }
    const auto output = checked(argv, answer);
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
    auto slot = scandir_.observe(profile, home_.path());
    switch (slot.kind) {
    case ObservedSlot::Kind::absent:
        return std::nullopt;
    case ObservedSlot::Kind::ours:
        return slot;
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
    const sys::Deadline end(birth_of_a_supervisor);
    while (true) {
        const auto found = slot_of(profile);
        if (!found || !*found) {
            return found ? ObservedService{}
                         : Result<ObservedService>(std::unexpected(found.error()));
        }
        const ObservedSlot& slot = **found;
        auto seen = slot.supervised ? ask(profile, slot)
                                    : Result<std::optional<ObservedService>>(std::nullopt);
        if (!seen) {
            return std::unexpected(std::move(seen.error()));
        }
        if (*seen) {
            return std::move(**seen);
        }
        if (!slot.supervised || end.passed()) {
            ObservedService unsupervised;
            unsupervised.registered = true;
            return unsupervised;
        }
        std::this_thread::sleep_for(poll_pause);
    }
}

Result<ObservedService> S6Manager::observe(const ProfileName& profile) const {
    auto seen = observe_process(profile);
    if (seen && seen->registered) {
        seen->drift = drift_of(home_, settings_, profile, scandir_.observe(profile, home_.path()));
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
        if (scandir_.observe(profile, home_.path()).kind == ObservedSlot::Kind::ours) {
            ours.push_back(profile);
        }
    }
    return ours;
}

Result<void> S6Manager::command(sys::Effects& effects, const char* option,
                                const std::string& service) {
    const Argv argv = {"s6-svc", option, service};
    const auto output = checked(argv, effects.run(argv, tool_deadline));
    return output ? Result<void>{} : std::unexpected(output.error());
}

namespace {

/// Service and logger both: each has an s6-supervise of its own, which s6-svscan starts in turn.
bool wait_until_supervised(const Scandir& scandir, const ProfileName& profile) {
    const sys::Deadline end(tool_deadline);
    while (!scandir.wholly_supervised(profile.slot())) {
        if (end.passed()) {
            return false;
        }
        std::this_thread::sleep_for(poll_pause);
    }
    return true;
}

} // namespace

Result<void> S6Manager::have_supervised(sys::Effects& effects, const ProfileName& profile) {
    if (scandir_.wholly_supervised(profile.slot())) {
        return {};
    }
    if (auto asked = rescan(effects, scandir_); !asked) {
        return asked;
    }
    if (!wait_until_supervised(scandir_, profile)) {
        return fail(Errc::timed_out,
                    "s6-svscan did not take up " + path_of(profile) + " within " +
                        std::to_string(tool_deadline.count()) + " s",
                    "s6-svscanctl -a " + scandir_.path());
    }
    return {};
}

Result<void> S6Manager::start(sys::Effects& effects, const ProfileName& profile) {
    if (auto done = have_supervised(effects, profile); !done) {
        return done;
    }
    if (const auto seen = observe_process(profile); seen && seen->supervised && !seen->up) {
        // While `finish` runs, its exit code 125 would undo the command: wait until it has ended.
        const std::string timeout_ms = std::to_string(milliseconds(finish_deadline).count());
        (void)sys::query({"s6-svwait", "-D", "-t", timeout_ms, path_of(profile)}, tool_deadline);
    }
    if (auto done = command(effects, "-U", path_of(profile) + "/log"); !done) {
        return done;
    }
    return command(effects, "-U", path_of(profile));
}

Result<void> S6Manager::stop(sys::Effects& effects, const ProfileName& profile) {
    return command(effects, "-D", path_of(profile));
}

Result<void> S6Manager::hold_down(sys::Effects& effects, const ProfileName& profile) {
    const auto slot = scandir_.directory().find(profile.slot());
    if (!slot || !*slot) {
        return slot ? Result<void>{} : std::unexpected(slot.error());
    }
    auto done = effects.replace_file(**slot, "down", "", sys::Durability::volatile_);
    // It may have come back before the file was there.
    const bool is_back = scandir_.observe(profile, home_.path()).supervised;
    return done && is_back ? stop(effects, profile) : done;
}

Result<void> S6Manager::restart(sys::Effects& effects, const ProfileName& profile) {
    return drain(effects, profile);
}

Result<void> S6Manager::drain(sys::Effects& effects, const ProfileName& profile) {
    return command(effects, "-d", path_of(profile));
}

Result<void> S6Manager::kill(sys::Effects& effects, const ProfileName& profile) {
    return command(effects, "-k", path_of(profile));
}

Result<void> S6Manager::add(sys::Effects& effects, const ServiceSpec& spec) {
    const auto lock = lock_scandir(effects, scandir_);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto slot = scandir_.observe(spec.profile, home_.path());
    if (slot.kind != ObservedSlot::Kind::absent) {
        const bool ours = slot.kind == ObservedSlot::Kind::ours;
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
    if (auto created = create_slot(effects, scandir_, spec.profile, render_slot(spec)); !created) {
        return created;
    }
    if (auto asked = have_supervised(effects, spec.profile); !asked) {
        (void)retire_slots(effects, scandir_, {spec.profile}, tool_deadline);
        return std::unexpected(std::move(asked.error()).within("the slot was taken back"));
    }
    return {};
}

Result<void> S6Manager::remove(sys::Effects& effects, const ProfileName& profile) {
    const auto lock = lock_scandir(effects, scandir_);
    if (!lock) {
        return std::unexpected(lock.error());
    }
    const auto deadline = stop_deadline(settings_.drain_timeout);
    const auto slot = scandir_.observe(profile, home_.path());
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
    if (!logs || !*logs || !(*logs)->has("current")) {
        return fail(logs ? Errc::not_found : logs.error().code,
                    fmt::format("'{}' has no log: {}", profile.str(),
                                logs ? home_.directory().path_of(log) + "/current does not exist"
                                     : logs.error().message),
                    "gatewayctl status " + profile.str());
    }
    Argv argv = {"tail", "-n", std::to_string(request.lines)};
    if (request.follow) {
        argv.emplace_back("-F"); // by name: s6-log rotates `current`
    }
    argv.push_back((*logs)->path_of("current"));
    return argv;
}

} // namespace gw::supervise
