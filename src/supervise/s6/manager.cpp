#include "supervise/s6/manager.hpp"

#include "base/text.hpp"
#include "render/slot.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/s6/drift.hpp"
#include "supervise/s6/log_files.hpp"
#include "supervise/s6/news.hpp"
#include "supervise/s6/slot.hpp"
#include "supervise/s6/take_up.hpp"
#include "supervise/s6/tool_answer.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>

namespace gw::supervise {

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

Result<std::vector<ProfileName>> S6Manager::list() const {
    return list_beyond({});
}

Result<std::vector<ProfileName>> S6Manager::list_beyond(std::span<const ProfileName> known) const {
    const auto listing = scandir_.list();
    if (!listing) {
        return std::unexpected(listing.error());
    }
    std::vector<ProfileName> ours;
    for (const auto& profile : listing->slots) {
        if (std::ranges::binary_search(known, profile)) {
            continue;
        }
        // Whoever acts on one that cannot be told hears why; left out, it would be called down.
        const auto kind = scandir_.recognize(profile, home_).kind;
        if (kind == ObservedSlot::Kind::ours || kind == ObservedSlot::Kind::unreadable) {
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
    const bool is_back = scandir_.recognize(profile, home_).supervised;
    return done && is_back ? stop(effects, profile) : done;
}

Result<void> S6Manager::restart(sys::Effects& effects, const ProfileName& profile) {
    if (auto can = scandir_.check_can_run(); !can) {
        return can;
    }
    return command(effects, "-dU", path_of(profile));
}

std::vector<Result<void>> S6Manager::drain(sys::Effects& effects,
                                           std::span<const ProfileName> profiles, DownFor span) {
    std::vector<Argv> commands;
    commands.reserve(profiles.size());
    for (const auto& profile : profiles) {
        commands.push_back({"s6-svc", span == DownFor::until_pass ? "-D" : "-d", path_of(profile)});
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
    const auto drifted = [&] {
        const auto slot = scandir_.read(profile, home_);
        return slot.kind == ObservedSlot::Kind::ours
                   ? due_update(home_, settings_, account(), profile, slot)
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

Result<sys::Directory> S6Manager::log_directory(const ProfileName& profile) const {
    const std::string log = "logs/gateways/" + profile.str();
    auto found = home_.directory().find(log);
    if (found && *found) {
        return std::move(**found);
    }
    if (const auto known = home_.require(profile);
        !known && known.error().code == Errc::no_profile) {
        return std::unexpected(known.error());
    }
    return fail(found ? Errc::not_found : found.error().code,
                fmt::format("'{}' has no log: {}", profile.str(),
                            found ? home_.directory().path_of(log) + "/current does not exist"
                                  : found.error().message),
                "gatewayctl status " + profile.str());
}

Result<Argv> S6Manager::log_command(const ProfileName& profile, const LogRequest& request) const {
    const auto logs = log_directory(profile);
    if (!logs) {
        return std::unexpected(logs.error());
    }
    auto argv = log_argv(*logs, request);
    return argv ? Result<Argv>(std::move(*argv))
                : fail(Errc::not_found,
                       fmt::format("'{}' has no log: {} does not exist", profile.str(),
                                   logs->path_of("current")),
                       "gatewayctl status " + profile.str());
}

} // namespace gw::supervise
