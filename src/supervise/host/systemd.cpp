#include "supervise/host/systemd.hpp"

#include "base/text.hpp"
#include "render/systemd_unit.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

constexpr std::size_t unit_size_limit = std::size_t{1} << 20U;
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

/// What lies under the name of a unit.
struct UnitFile {
    enum class Kind { absent, ours, other_home, foreign } kind = Kind::absent;
    std::string text;
    std::string owner; ///< for people, when it is not ours
};

UnitFile read_unit(const std::string& directory, const std::string& file, const std::string& home) {
    const auto opened = sys::Directory::open(directory);
    if (!opened) {
        return {};
    }
    const auto content = sys::read_file(*opened, file, unit_size_limit);
    if (content.answer == sys::FileContent::Answer::absent) {
        return {};
    }
    if (content.answer != sys::FileContent::Answer::ok) {
        return {UnitFile::Kind::foreign, {}, "nobody knows whom: " + content.problem};
    }
    const auto owner = home_of_unit(content.bytes);
    if (!owner) {
        return {UnitFile::Kind::foreign, {}, "somebody else: gatewayctl did not render it"};
    }
    const bool ours = *owner == printable(home) || is_same_home(*owner, home);
    return {ours ? UnitFile::Kind::ours : UnitFile::Kind::other_home, content.bytes,
            "home " + *owner};
}

std::string value_of(const Properties& properties, std::string_view key) {
    const auto found = properties.find(key);
    return found == properties.end() ? std::string() : found->second;
}

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

/// ExecMainCode is si_code of waitid(2): 1 exited, 2 killed, 3 dumped core.
std::optional<LastExit> last_exit(const Properties& properties) {
    const auto code = number(value_of(properties, "ExecMainCode"));
    const auto status = number(value_of(properties, "ExecMainStatus"));
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
    const bool start_waits = number(value_of(properties, "Job")).value_or(0) != 0 &&
                             (active == "inactive" || active == "failed");
    seen.wants_up =
        active == "active" || active == "activating" || active == "reloading" || start_waits;
    // A unit that is being stopped is not down before what follows its process has ended too.
    seen.up = active == "deactivating";
    const auto pid = number(value_of(properties, "MainPID"));
    if (pid && *pid > 0 && *pid <= INT32_MAX) {
        seen.up = true;
        seen.process = ProcessIdentity{Pid{static_cast<std::int32_t>(*pid)}, std::nullopt};
    }
    if (value_of(properties, "Type") == "notify") {
        seen.ready = active == "active";
    }
    const std::string since = value_of(properties, "StateChangeTimestamp");
    seen.since = since.starts_with('@') ? number(since.substr(1)) : std::nullopt;
    seen.last_exit = last_exit(properties);
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

class SystemdManager : public ServiceManager {
  public:
    SystemdManager(const store::Home& home, const Settings& settings, Systemctl systemctl)
        : traits_{ManagerKind::systemd, fmt::format("systemd ({})", to_string(systemctl.scope())),
                  "unit", false, false},
          home_(home), settings_(settings), systemctl_(systemctl) {}

    [[nodiscard]] const Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& profile) const override;
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override;
    Result<void> start(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> stop(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> restart(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> kill(sys::Effects& effects, const ProfileName& profile) override;
    [[nodiscard]] Result<Argv> log_command(const ProfileName& profile,
                                           const LogRequest& request) const override;
    Result<void> add(sys::Effects& effects, const ServiceSpec& spec) override;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) override;

  private:
    [[nodiscard]] std::string file_of(const ProfileName& profile) const {
        return service_name(home_, systemctl_.scope(), profile) + std::string(unit_suffix);
    }
    [[nodiscard]] std::string directory() const { return unit_directory(systemctl_.scope()); }
    [[nodiscard]] UnitFile unit_of(const ProfileName& profile) const {
        return read_unit(directory(), file_of(profile), home_.path());
    }
    [[nodiscard]] std::string drift_of(const ProfileName& profile, const UnitFile& unit) const;
    [[nodiscard]] Result<void> check_ours(const ProfileName& profile, const UnitFile& unit) const;
    [[nodiscard]] Result<void> check_no_other(const ProfileName& profile) const;
    Result<void> write_unit(sys::Effects& effects, const std::string& file,
                            const std::string& text) const;
    Result<void> verify_loaded(const std::string& file) const;
    Result<void> begin_up(sys::Effects& effects, const ProfileName& profile, const char* verb);

    Traits traits_;
    const store::Home& home_;
    const Settings& settings_;
    Systemctl systemctl_;
};

std::string SystemdManager::drift_of(const ProfileName& profile, const UnitFile& unit) const {
    const auto account = store::account_of_home(home_);
    const auto directory = home_.find(profile);
    if (!account || !directory || !*directory) {
        return "the profile's directory is gone";
    }
    const auto service = store::read_service_settings(**directory).settings;
    const auto rendered = render_systemd(
        home_, systemctl_.scope(), slot_spec(home_.path(), settings_, profile, service, *account));
    return rendered ? unit_drift(rendered->text, unit.text)
                    : "it cannot be rendered again: " + rendered.error().message;
}

Result<ObservedService> SystemdManager::observe(const ProfileName& profile) const {
    const UnitFile unit = unit_of(profile);
    const auto properties = systemctl_.show(file_of(profile), unit_properties);
    if (!properties) {
        return std::unexpected(properties.error());
    }
    if (unit.kind == UnitFile::Kind::absent) {
        return ObservedService{};
    }
    ObservedService seen;
    if (unit.kind != UnitFile::Kind::ours) {
        seen.drift = "the unit belongs to " + unit.owner;
        return seen;
    }
    seen = observed_unit(*properties);
    seen.registered = true;
    if (seen.process) {
        seen.process = sys::identity_of(seen.process->pid);
        seen.up = seen.process || !seen.wants_up;
    }
    seen.drift = drift_of(profile, unit);
    return seen;
}

Result<std::vector<ProfileName>> SystemdManager::list() const {
    std::vector<ProfileName> profiles;
    const auto units = sys::Directory::open(directory());
    if (!units) {
        return units.error().code == Errc::not_found ? Result<std::vector<ProfileName>>(profiles)
                                                     : std::unexpected(units.error());
    }
    const auto entries = units->list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    for (const auto& entry : *entries) {
        std::string_view name = entry.name;
        if (!name.ends_with(unit_suffix)) {
            continue;
        }
        name.remove_suffix(unit_suffix.size());
        const auto profile = profile_of_host_service(name);
        if (profile && file_of(*profile) == entry.name &&
            unit_of(*profile).kind == UnitFile::Kind::ours) {
            profiles.push_back(*profile);
        }
    }
    std::sort(profiles.begin(), profiles.end());
    return profiles;
}

Result<void> SystemdManager::check_ours(const ProfileName& profile, const UnitFile& unit) const {
    if (unit.kind == UnitFile::Kind::ours) {
        return {};
    }
    if (unit.kind == UnitFile::Kind::absent) {
        return fail(Errc::not_registered,
                    fmt::format("'{}' has no unit in {}", profile.str(), traits_.label),
                    "gatewayctl install " + profile.str());
    }
    return fail(Errc::conflict,
                fmt::format("{} belongs to {}, not to {}: it is left alone", file_of(profile),
                            unit.owner, printable(home_.path())),
                fmt::format("systemctl{} cat {}",
                            systemctl_.scope() == Scope::user ? " --user" : "", file_of(profile)));
}

Result<void> SystemdManager::begin_up(sys::Effects& effects, const ProfileName& profile,
                                      const char* verb) {
    const std::string unit = file_of(profile);
    if (auto ours = check_ours(profile, unit_of(profile)); !ours) {
        return ours;
    }
    if (auto enabled = systemctl_.command(effects, {"enable", "--", unit}); !enabled) {
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
    if (auto ours = check_ours(profile, unit_of(profile)); !ours) {
        return ours;
    }
    if (auto stopped = systemctl_.command(effects, {"stop", "--no-block", "--", unit}); !stopped) {
        return stopped;
    }
    return systemctl_.command(effects, {"disable", "--", unit});
}

Result<void> SystemdManager::kill(sys::Effects& effects, const ProfileName& profile) {
    if (auto ours = check_ours(profile, unit_of(profile)); !ours) {
        return ours;
    }
    return systemctl_.command(effects, {"kill", "--signal=SIGKILL", "--", file_of(profile)});
}

Result<Argv> SystemdManager::log_command(const ProfileName& profile,
                                         const LogRequest& request) const {
    Argv argv = {"journalctl"};
    if (systemctl_.scope() == Scope::user) {
        argv.emplace_back("--user");
    }
    argv.insert(argv.end(),
                {"--unit=" + file_of(profile), "--lines=" + std::to_string(request.lines)});
    if (request.follow) {
        argv.emplace_back("--follow");
    }
    return argv;
}

Result<void> SystemdManager::write_unit(sys::Effects& effects, const std::string& file,
                                        const std::string& text) const {
    if (auto made = effects.make_path(directory()); !made) {
        return made;
    }
    const auto units = sys::Directory::open(directory());
    if (!units) {
        return std::unexpected(units.error());
    }
    constexpr unsigned readable_by_all = 0644;
    return effects.replace_file(*units, file, text, sys::Durability::durable, {readable_by_all});
}

Result<void> SystemdManager::verify_loaded(const std::string& file) const {
    const auto seen = systemctl_.show(file, "LoadState,FragmentPath,NeedDaemonReload");
    if (!seen) {
        return std::unexpected(seen.error());
    }
    const std::string wanted = directory() + "/" + file;
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
    const UnitFile unit = unit_of(spec.profile);
    const std::string file = file_of(spec.profile);
    if (unit.kind != UnitFile::Kind::absent) {
        if (auto ours = check_ours(spec.profile, unit); !ours) {
            return ours;
        }
    }
    if (unit.text != rendered->text) {
        if (auto written = write_unit(effects, file, rendered->text); !written) {
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
    return spec.starts ? systemctl_.command(effects, {"enable", "--", file}) : Result<void>{};
}

/// The units of this profile's name that belong to other homes: never touched, but named.
Result<void> SystemdManager::check_no_other(const ProfileName& profile) const {
    const auto units = sys::Directory::open(directory());
    const auto entries = units ? units->list() : Result<std::vector<sys::DirectoryEntry>>{};
    for (const auto& entry : entries ? *entries : std::vector<sys::DirectoryEntry>{}) {
        const std::string_view name = entry.name;
        if (!name.ends_with(unit_suffix) ||
            profile_of_host_service(name.substr(0, name.size() - unit_suffix.size())) != profile) {
            continue;
        }
        const auto other = read_unit(directory(), entry.name, home_.path());
        return fail(Errc::conflict,
                    fmt::format("'{}' of {} has no unit; {} belongs to {} and is left alone",
                                profile.str(), printable(home_.path()), entry.name, other.owner),
                    "gatewayctl --home DIR uninstall " + profile.str());
    }
    return {};
}

Result<void> SystemdManager::remove(sys::Effects& effects, const ProfileName& profile) {
    const UnitFile unit = unit_of(profile);
    const std::string file = file_of(profile);
    if (unit.kind == UnitFile::Kind::absent) {
        return check_no_other(profile);
    }
    if (auto ours = check_ours(profile, unit); !ours) {
        return ours;
    }
    const auto seen = observe(profile);
    if (!seen || seen->up || seen->wants_up) {
        return seen ? fail(Errc::conflict, fmt::format("'{}' is up", profile.str()),
                           "gatewayctl stop " + profile.str())
                    : std::unexpected(seen.error());
    }
    const auto units = sys::Directory::open(directory());
    if (!units) {
        return std::unexpected(units.error());
    }
    if (auto disabled = systemctl_.command(effects, {"disable", "--", file}); !disabled) {
        return disabled;
    }
    if (auto removed = effects.remove_file(*units, file); !removed) {
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
    if (units->has(file + ".d")) {
        sys::log_warning(fmt::format("settings of your own are left: {}/{}.d", directory(), file));
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
