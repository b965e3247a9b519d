#include "supervise/host/systemd.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "render/systemd_unit.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

#include <fmt/format.h>

namespace gw::supervise {

namespace {

constexpr std::string_view unit_suffix = ".service";

std::string user_home() {
    return sys::environment("HOME").value_or("/");
}

/// Where an administrator's units belong (systemd.unit(5)).
std::string unit_directory(Scope scope) {
    if (scope == Scope::system) {
        return "/etc/systemd/system";
    }
    return sys::environment("XDG_CONFIG_HOME").value_or(user_home() + "/.config") + "/systemd/user";
}

std::string service_name(const store::Home& home, Scope scope, const ProfileName& profile) {
    return host_service_name(profile, sys::real_path(home.path()),
                             sys::real_path(canonical_home(scope, user_home())));
}

std::string value_of(const Properties& properties, std::string_view key) {
    const auto found = properties.find(key);
    return found == properties.end() ? std::string() : found->second;
}

/// ExecMainCode is si_code of waitid(2): 1 exited, 2 killed, 3 dumped core.
std::optional<LastExit> last_exit(const Properties& properties) {
    const auto code = parse_number<std::int64_t>(value_of(properties, "ExecMainCode"));
    const auto status = parse_number<std::int64_t>(value_of(properties, "ExecMainStatus"));
    if (!code || !status || *code < 1 || *code > 3) {
        return std::nullopt;
    }
    const auto value = static_cast<int>(*status);
    return *code == 1 ? LastExit{value, std::nullopt} : LastExit{std::nullopt, value};
}

} // namespace

ObservedService observed_unit(const Properties& properties) {
    ObservedService seen;
    const std::string active = value_of(properties, "ActiveState");
    seen.supervised = value_of(properties, "LoadState") == "loaded";
    // A job of a unit that is down can only be a start that has not begun yet.
    const bool start_waits =
        parse_number<std::int64_t>(value_of(properties, "Job")).value_or(0) != 0 &&
        (active == "inactive" || active == "failed");
    seen.wants_up =
        active == "active" || active == "activating" || active == "reloading" || start_waits;
    // A unit that is being stopped is not down before what follows its process has ended too.
    seen.up = active == "deactivating";
    if (const auto pid = parse_pid(value_of(properties, "MainPID"))) {
        seen.up = true;
        seen.process = ProcessIdentity{*pid, std::nullopt};
    }
    if (value_of(properties, "Type") == "notify") {
        seen.ready = active == "active";
    }
    const std::string since = value_of(properties, "StateChangeTimestamp");
    seen.since =
        since.starts_with('@') ? parse_number<std::int64_t>(since.substr(1)) : std::nullopt;
    seen.last_exit = last_exit(properties);
    seen.enabled = value_of(properties, "UnitFileState").starts_with("enabled");
    return seen;
}

Result<RenderedFile> render_systemd(const store::Home& home, Scope scope, const ServiceSpec& spec) {
    const auto systemctl = Systemctl::open(scope);
    // Without a systemctl there is nothing to fit the unit to: the oldest form runs everywhere.
    const auto version = systemctl ? systemctl->version() : Result<int>(0);
    if (!version) {
        return std::unexpected(version.error());
    }
    auto service = make_host_service(spec, service_name(home, scope, spec.profile));
    if (!service) {
        return std::unexpected(std::move(service.error()));
    }
    auto text = render_unit(*service, scope, *version);
    if (!text) {
        return std::unexpected(std::move(text.error()));
    }
    return RenderedFile{unit_directory(scope) + "/" + unit_file_name(*service), std::move(*text)};
}

namespace {

ServiceFileForm unit_form(const store::Home& home, const Systemctl& systemctl) {
    const Scope scope = systemctl.scope();
    ServiceFileForm form;
    form.word = "unit";
    form.directory = unit_directory(scope);
    form.place = fmt::format("systemd ({})", to_string(scope));
    form.file_of = [&home, scope](const ProfileName& profile) {
        return service_name(home, scope, profile) + std::string(unit_suffix);
    };
    form.profile_of = [](std::string_view file) {
        return file.ends_with(unit_suffix)
                   ? profile_of_host_service(file.substr(0, file.size() - unit_suffix.size()))
                   : std::nullopt;
    };
    form.render = [&home, scope](const ServiceSpec& spec) {
        return render_systemd(home, scope, spec);
    };
    form.home_of = home_of_unit;
    form.difference = unit_drift;
    form.show_command = [scope](const std::string& file) {
        return fmt::format("systemctl{} cat {}", scope == Scope::user ? " --user" : "", file);
    };
    return form;
}

class SystemdManager : public ServiceManager {
  public:
    SystemdManager(const store::Home& home, const Settings& settings, Systemctl systemctl)
        : traits_{ManagerKind::systemd, fmt::format("systemd ({})", to_string(systemctl.scope())),
                  "unit", false, false},
          files_(unit_form(home, systemctl), home, settings), home_(home), systemctl_(systemctl) {}

    [[nodiscard]] const Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& profile) const override;
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override;
    Result<void> start(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> stop(sys::Effects& effects, const ProfileName& profile) override;
    [[nodiscard]] std::string plain_stop(const ProfileName& profile) const override {
        return std::string("systemctl ") + (systemctl_.scope() == Scope::user ? "--user " : "") +
               "stop " + file_of(profile);
    }
    Result<void> restart(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> kill(sys::Effects& effects, const ProfileName& profile) override;
    [[nodiscard]] Result<Argv> log_command(const ProfileName& profile,
                                           const LogRequest& request) const override;
    [[nodiscard]] Result<Argv> merged_log_command(std::span<const ProfileName> profiles,
                                                  const LogRequest& request) const override;
    Result<void> add(sys::Effects& effects, const ServiceSpec& spec) override;
    Result<void> renew(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) override;

  private:
    [[nodiscard]] std::string file_of(const ProfileName& profile) const {
        return files_.file_of(profile);
    }
    Result<void> verify_loaded(const std::string& file) const;
    Result<void> begin_up(sys::Effects& effects, const ProfileName& profile, const char* verb);
    Result<void> link(sys::Effects& effects, const char* verb, const std::string& file) const;

    Traits traits_;
    ServiceFiles files_;
    const store::Home& home_;
    Systemctl systemctl_;
};

Result<ObservedService> SystemdManager::observe(const ProfileName& profile) const {
    const ServiceFile unit = files_.read(profile);
    const auto properties = systemctl_.show(file_of(profile), unit_properties);
    if (!properties) {
        return std::unexpected(properties.error());
    }
    if (unit.kind == ServiceFile::Kind::absent) {
        return ObservedService{};
    }
    ObservedService seen;
    if (unit.kind != ServiceFile::Kind::ours) {
        seen.drift = "the unit belongs to " + unit.owner;
        return seen;
    }
    seen = observed_unit(*properties);
    seen.registered = true;
    seen.unit = file_of(profile);
    if (seen.process) {
        seen.process = sys::identity_of(seen.process->pid);
        seen.up = seen.process || !seen.wants_up;
    }
    seen.drift = files_.drift_of(profile, unit);
    seen.kill_limit = kill_limit_of(*properties, systemctl_.scope());
    return seen;
}

Result<std::vector<ProfileName>> SystemdManager::list() const {
    return files_.list();
}

/// `enable` or `disable`. systemd (252) makes and removes its links without a flush: after a power
/// cut the machine would come up as it was before an operation that was accepted.
Result<void> SystemdManager::link(sys::Effects& effects, const char* verb,
                                  const std::string& file) const {
    auto done = systemctl_.command(effects, {verb, "--", file});
    files_.flush(effects, std::string(target_of(systemctl_.scope())) + ".wants");
    return done;
}

Result<void> SystemdManager::begin_up(sys::Effects& effects, const ProfileName& profile,
                                      const char* verb) {
    const std::string unit = file_of(profile);
    if (auto ours = files_.check_ours(profile); !ours) {
        return ours;
    }
    if (auto enabled = link(effects, "enable", unit); !enabled) {
        return enabled;
    }
    // An earlier failure must not colour the new life; a unit without one has nothing to forget.
    (void)systemctl_.command(effects, {"reset-failed", "--", unit});
    return systemctl_.command(effects, {verb, "--no-block", "--", unit});
}

Result<void> SystemdManager::start(sys::Effects& effects, const ProfileName& profile) {
    const auto seen = systemctl_.show(file_of(profile), "SubState");
    if (!seen) {
        return std::unexpected(seen.error());
    }
    // Between two lives systemd lets a start wait for the restart delay; a restart does not wait.
    const bool between_lives = value_of(*seen, "SubState") == "auto-restart";
    return begin_up(effects, profile, between_lives ? "restart" : "start");
}

Result<void> SystemdManager::restart(sys::Effects& effects, const ProfileName& profile) {
    return begin_up(effects, profile, "restart");
}

Result<void> SystemdManager::stop(sys::Effects& effects, const ProfileName& profile) {
    const std::string unit = file_of(profile);
    if (auto ours = files_.check_ours(profile); !ours) {
        return ours;
    }
    if (auto stopped = systemctl_.command(effects, {"stop", "--no-block", "--", unit}); !stopped) {
        return stopped;
    }
    return link(effects, "disable", unit);
}

Result<void> SystemdManager::kill(sys::Effects& effects, const ProfileName& profile) {
    if (auto ours = files_.check_ours(profile); !ours) {
        return ours;
    }
    return systemctl_.command(effects, {"kill", "--signal=SIGKILL", "--", file_of(profile)});
}

Result<Argv> SystemdManager::log_command(const ProfileName& profile,
                                         const LogRequest& request) const {
    return merged_log_command(std::span(&profile, 1), request);
}

Result<Argv> SystemdManager::merged_log_command(std::span<const ProfileName> profiles,
                                                const LogRequest& request) const {
    Argv argv = {"journalctl"};
    if (systemctl_.scope() == Scope::user) {
        argv.emplace_back("--user");
    }
    for (const auto& profile : profiles) {
        argv.push_back("--unit=" + file_of(profile));
    }
    argv.push_back("--lines=" + std::to_string(request.lines));
    if (request.since) {
        const auto since = std::chrono::floor<seconds>(*request.since).time_since_epoch().count();
        argv.push_back(fmt::format("--since=@{}", since));
    }
    if (request.follow) {
        argv.emplace_back("--follow");
    }
    return argv;
}

Result<void> SystemdManager::verify_loaded(const std::string& file) const {
    const auto seen = systemctl_.show(file, "LoadState,FragmentPath,NeedDaemonReload");
    if (!seen) {
        return std::unexpected(seen.error());
    }
    const std::string wanted = files_.directory() + "/" + file;
    if (value_of(*seen, "LoadState") != "loaded" ||
        !is_same_home(value_of(*seen, "FragmentPath"), wanted)) {
        return fail(Errc::command_failed,
                    fmt::format("{} was written, but systemd says LoadState={} FragmentPath={}",
                                wanted, value_of(*seen, "LoadState"),
                                value_of(*seen, "FragmentPath")),
                    "systemd-analyze verify " + wanted);
    }
    return {};
}

Result<void> SystemdManager::add(sys::Effects& effects, const ServiceSpec& spec) {
    const auto rendered = render_systemd(home_, systemctl_.scope(), spec);
    if (!rendered) {
        return std::unexpected(rendered.error());
    }
    const ServiceFile unit = files_.read(spec.profile);
    const std::string file = file_of(spec.profile);
    if (unit.kind != ServiceFile::Kind::absent) {
        if (auto ours = files_.check_ours(spec.profile, unit); !ours) {
            return ours;
        }
    }
    if (unit.text != rendered->text) {
        if (auto written = files_.write(effects, spec.profile, rendered->text); !written) {
            const bool not_permitted = written.error().code == Errc::not_permitted;
            return std::unexpected(
                not_permitted ? std::move(written.error())
                                    .advise("run it as root (sudo gatewayctl …), or use your own "
                                            "systemd: --scope user")
                              : std::move(written.error()));
        }
    }
    if (auto reloaded = systemctl_.command(effects, {"daemon-reload"}); !reloaded) {
        return reloaded;
    }
    if (auto loaded = verify_loaded(file); !loaded) {
        return loaded;
    }
    return spec.starts ? link(effects, "enable", file) : Result<void>{};
}

Result<void> SystemdManager::renew(sys::Effects& effects, const ProfileName& profile) {
    const ServiceFile unit = files_.read(profile);
    if (auto ours = files_.check_ours(profile, unit); !ours) {
        return ours;
    }
    if (!files_.drift_of(profile, unit).empty()) {
        const auto spec = files_.spec_of(profile);
        return spec ? add(effects, *spec) : std::unexpected(spec.error());
    }
    // systemd would start what it has read before.
    const auto seen = systemctl_.show(file_of(profile), "NeedDaemonReload");
    const bool outdated = seen && value_of(*seen, "NeedDaemonReload") == "yes";
    return outdated ? systemctl_.command(effects, {"daemon-reload"}) : Result<void>{};
}

Result<void> SystemdManager::remove(sys::Effects& effects, const ProfileName& profile) {
    const ServiceFile unit = files_.read(profile);
    const std::string file = file_of(profile);
    if (unit.kind == ServiceFile::Kind::absent) {
        return files_.check_no_other(profile);
    }
    if (auto ours = files_.check_ours(profile, unit); !ours) {
        return ours;
    }
    const auto seen = observe(profile);
    if (!seen || seen->up || seen->wants_up) {
        return seen ? fail(Errc::conflict, fmt::format("'{}' is up", profile.str()),
                           "gatewayctl stop " + profile.str())
                    : std::unexpected(seen.error());
    }
    if (auto disabled = link(effects, "disable", file); !disabled) {
        return disabled;
    }
    if (auto removed = files_.remove(effects, profile); !removed) {
        return removed;
    }
    if (auto reloaded = systemctl_.command(effects, {"daemon-reload"}); !reloaded) {
        return reloaded;
    }
    (void)systemctl_.command(effects, {"reset-failed", "--", file});
    const auto left = systemctl_.show(file, "LoadState,FragmentPath,DropInPaths");
    if (left && value_of(*left, "LoadState") == "loaded") {
        return fail(Errc::conflict,
                    fmt::format("{} is removed, but systemd has another of that name: {}", file,
                                value_of(*left, "FragmentPath")),
                    "systemctl cat " + file);
    }
    if (const auto units = sys::Directory::open(files_.directory());
        units && units->has(file + ".d")) {
        sys::log_warning(
            fmt::format("settings of your own are left: {}/{}.d", files_.directory(), file));
    }
    return {};
}

} // namespace

Result<std::unique_ptr<ServiceManager>>
make_systemd_manager(const store::Home& home, const Settings& settings, Scope scope) {
    auto systemctl = Systemctl::open(scope);
    if (!systemctl) {
        return std::unexpected(std::move(systemctl.error()));
    }
    return std::make_unique<SystemdManager>(home, settings, *systemctl);
}

} // namespace gw::supervise
