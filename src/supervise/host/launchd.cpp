#include "supervise/host/launchd.hpp"

#include "base/text.hpp"
#include "render/launchd_plist.hpp"
#include "rules/time_limits.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/host/launchctl.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"
#include "sys/clock.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <thread>

namespace gw::supervise {

namespace {

constexpr std::size_t plist_size_limit = std::size_t{1} << 20U;
constexpr std::string_view plist_suffix = ".plist";
constexpr std::chrono::milliseconds poll_pause{10};
/// `launchctl bootout` may wait for the job to end; that wait is the caller's, with its own limit.
constexpr std::chrono::milliseconds bootout_patience{2000};

/// HOME may be a profile's; agents belong to the user.
std::string user_home() {
    const auto uid = sys::effective_uid();
    return sys::account_of(uid, uid, "/").home;
}

std::string agents_directory() {
    return user_home() + "/Library/LaunchAgents";
}

std::string service_name(const store::Home& home, const ProfileName& profile) {
    return host_service_name(profile, sys::real_path(home.path()),
                             sys::real_path(canonical_home(Scope::user, user_home())));
}

Result<sys::CommandOutput> ask(Argv words) {
    words.insert(words.begin(), "launchctl");
    return sys::query(words, tool_deadline);
}

/// gui/UID where the user is logged in at the screen, else user/UID.
Result<std::string> choose_domain() {
    const auto uid = sys::effective_uid();
    Error error;
    for (const char* kind : {"gui", "user"}) {
        std::string domain = fmt::format("{}/{}", kind, uid);
        const auto answer = ask({"print", domain});
        if (!answer) {
            return std::unexpected(answer.error());
        }
        if (launchctl_answer(answer->exit_code) == LaunchctlAnswer::done) {
            return domain;
        }
        error = launchctl_error({"launchctl", "print", domain}, *answer);
    }
    error.code = Errc::no_manager;
    return std::unexpected(
        std::move(error).within("no launchd domain of this user can be managed"));
}

class LaunchdManager : public ServiceManager {
  public:
    LaunchdManager(const store::Home& home, const Settings& settings, std::string domain)
        : traits_{ManagerKind::launchd, fmt::format("launchd ({})", domain), "plist", false, false},
          home_(home), settings_(settings), domain_(std::move(domain)) {}

    [[nodiscard]] const Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& profile) const override;
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override;
    Result<void> start(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> stop(sys::Effects& effects, const ProfileName& profile) override;
    /// SIGTERM to the process: the job stays loaded whatever happens to this program meanwhile.
    Result<void> restart(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> kill(sys::Effects& effects, const ProfileName& profile) override;
    [[nodiscard]] Result<Argv> log_command(const ProfileName& profile,
                                           const LogRequest& request) const override;
    Result<void> add(sys::Effects& effects, const ServiceSpec& spec) override;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) override;

  private:
    struct Plist {
        enum class Kind { absent, ours, not_ours } kind = Kind::absent;
        std::string text;
        std::string owner; ///< for people, when it is not ours
    };
    [[nodiscard]] std::string label_of(const ProfileName& profile) const {
        return launchd_label({{}, service_name(home_, profile), {}, {}});
    }
    [[nodiscard]] std::string target_of(const ProfileName& profile) const {
        return domain_ + "/" + label_of(profile);
    }
    [[nodiscard]] std::string file_of(const ProfileName& profile) const {
        return label_of(profile) + std::string(plist_suffix);
    }
    [[nodiscard]] std::string path_of(const ProfileName& profile) const {
        return agents_directory() + "/" + file_of(profile);
    }
    [[nodiscard]] Plist read_plist(const std::string& file) const;
    [[nodiscard]] Result<void> check_ours(const ProfileName& profile) const;
    [[nodiscard]] std::string drift_of(const ProfileName& profile, const Plist& plist) const;
    /// nullopt: not loaded.
    [[nodiscard]] Result<std::optional<LaunchdJob>> job_of(const ProfileName& profile) const;
    [[nodiscard]] Result<bool> is_disabled(const ProfileName& profile) const;
    Result<LaunchctlAnswer> tell(sys::Effects& effects, const Argv& words,
                                 std::initializer_list<LaunchctlAnswer> accepted) const;
    Result<void> load(sys::Effects& effects, const ProfileName& profile) const;
    Result<void> unload(sys::Effects& effects, const ProfileName& profile) const;
    Result<void> wait_unloaded(const ProfileName& profile, std::chrono::milliseconds limit) const;

    Traits traits_;
    const store::Home& home_;
    const Settings& settings_;
    std::string domain_;
};

LaunchdManager::Plist LaunchdManager::read_plist(const std::string& file) const {
    const auto agents = sys::Directory::open(agents_directory());
    if (!agents) {
        return {};
    }
    const auto content = sys::read_file(*agents, file, plist_size_limit);
    if (content.answer == sys::FileContent::Answer::absent) {
        return {};
    }
    const auto owner = home_of_plist(content.bytes);
    if (!owner) {
        return {Plist::Kind::not_ours, {}, "somebody else: gatewayctl did not render it"};
    }
    const bool ours = is_same_home(*owner, home_.path());
    return {ours ? Plist::Kind::ours : Plist::Kind::not_ours, content.bytes, "home " + *owner};
}

Result<void> LaunchdManager::check_ours(const ProfileName& profile) const {
    const Plist plist = read_plist(file_of(profile));
    switch (plist.kind) {
    case Plist::Kind::ours:
        return {};
    case Plist::Kind::absent:
        return fail(Errc::not_registered,
                    fmt::format("'{}' has no plist in {}", profile.str(), agents_directory()),
                    "gatewayctl install " + profile.str());
    case Plist::Kind::not_ours:
        break;
    }
    return fail(Errc::conflict,
                fmt::format("{} belongs to {}, not to {}: it is left alone", path_of(profile),
                            printable(plist.owner), printable(home_.path())),
                "plutil -p " + shell_quote(path_of(profile)));
}

std::string LaunchdManager::drift_of(const ProfileName& profile, const Plist& plist) const {
    const auto account = store::account_of_home(home_);
    const auto directory = home_.find(profile);
    if (!account || !directory || !*directory) {
        return "the profile's directory is gone";
    }
    const auto service = store::read_service_settings(**directory).settings;
    const auto rendered =
        render_launchd(home_, slot_spec(home_.path(), settings_, profile, service, *account));
    return rendered ? plist_drift(rendered->text, plist.text)
                    : "it cannot be rendered again: " + rendered.error().message;
}

Result<std::optional<LaunchdJob>> LaunchdManager::job_of(const ProfileName& profile) const {
    const auto answer = ask({"print", target_of(profile)});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    switch (launchctl_answer(answer->exit_code)) {
    case LaunchctlAnswer::done:
        return parse_launchd_job(answer->out);
    case LaunchctlAnswer::not_loaded:
        return std::optional<LaunchdJob>();
    default:
        return std::unexpected(
            launchctl_error({"launchctl", "print", target_of(profile)}, *answer));
    }
}

Result<bool> LaunchdManager::is_disabled(const ProfileName& profile) const {
    const auto answer = ask({"print-disabled", domain_});
    if (!answer) {
        return std::unexpected(answer.error());
    }
    return lists_as_disabled(answer->out, label_of(profile));
}

Result<ObservedService> LaunchdManager::observe(const ProfileName& profile) const {
    const Plist plist = read_plist(file_of(profile));
    ObservedService seen;
    if (plist.kind == Plist::Kind::not_ours) {
        seen.drift = "the plist belongs to " + plist.owner;
        return seen;
    }
    const auto job = job_of(profile);
    if (!job) {
        return std::unexpected(job.error());
    }
    if (*job) {
        seen = observed_job(**job);
    }
    seen.registered = plist.kind == Plist::Kind::ours;
    // The plist is what launchd will load; between stop and start there is nothing else to command.
    seen.supervised = seen.registered;
    if (seen.process) {
        // Without /proc (macOS) the start time stays unknown and launchd's word stands.
        if (const auto identity = sys::identity_of(seen.process->pid)) {
            seen.process = identity;
        }
    }
    seen.drift = seen.registered ? drift_of(profile, plist) : "";
    return seen;
}

Result<std::vector<ProfileName>> LaunchdManager::list() const {
    std::vector<ProfileName> profiles;
    const auto agents = sys::Directory::open(agents_directory());
    if (!agents) {
        return agents.error().code == Errc::not_found ? Result<std::vector<ProfileName>>(profiles)
                                                      : std::unexpected(agents.error());
    }
    const auto entries = agents->list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    for (const auto& entry : *entries) {
        std::string_view file = entry.name;
        if (!file.ends_with(plist_suffix)) {
            continue;
        }
        file.remove_suffix(plist_suffix.size());
        const auto name = name_of_launchd_label(file);
        const auto profile = name ? profile_of_host_service(*name) : std::nullopt;
        if (profile && file_of(*profile) == entry.name &&
            read_plist(entry.name).kind == Plist::Kind::ours) {
            profiles.push_back(*profile);
        }
    }
    std::sort(profiles.begin(), profiles.end());
    return profiles;
}

Result<LaunchctlAnswer>
LaunchdManager::tell(sys::Effects& effects, const Argv& words,
                     std::initializer_list<LaunchctlAnswer> accepted) const {
    Argv argv = {"launchctl"};
    argv.insert(argv.end(), words.begin(), words.end());
    const auto output = effects.run(argv, tool_deadline);
    if (!output) {
        return std::unexpected(output.error());
    }
    const auto answer = launchctl_answer(output->exit_code);
    if (answer == LaunchctlAnswer::done ||
        std::find(accepted.begin(), accepted.end(), answer) != accepted.end()) {
        return answer;
    }
    return std::unexpected(launchctl_error(argv, *output));
}

Result<void> LaunchdManager::wait_unloaded(const ProfileName& profile,
                                           std::chrono::milliseconds limit) const {
    const sys::Deadline end(limit);
    while (true) {
        const auto job = job_of(profile);
        if (!job || !*job) {
            return job ? Result<void>{} : std::unexpected(job.error());
        }
        if (end.passed()) {
            return fail(Errc::timed_out,
                        fmt::format("launchd still has {} ({})", target_of(profile), (*job)->state),
                        "launchctl print " + target_of(profile));
        }
        std::this_thread::sleep_for(poll_pause);
    }
}

/// Code 5 of bootstrap means any of four things; each has another way on.
Result<void> LaunchdManager::load(sys::Effects& effects, const ProfileName& profile) const {
    using enum LaunchctlAnswer;
    const sys::Deadline end(stop_deadline(settings_.drain_timeout));
    bool refused_before = false; // an old job may leave between the refusal and the look at it
    while (true) {
        const auto answer = tell(effects, {"bootstrap", domain_, path_of(profile)},
                                 {already_loaded, in_progress, ambiguous, disabled});
        if (!answer) {
            return std::unexpected(answer.error());
        }
        if (*answer == done) {
            return {};
        }
        const auto job = job_of(profile);
        const auto off = is_disabled(profile);
        if (!job || !off) {
            return std::unexpected(job ? off.error() : job.error());
        }
        const bool leaves = *job && (*job)->state.starts_with("SIG");
        if (*job && !leaves) {
            return {};
        }
        if (*off) {
            return fail(Errc::command_failed,
                        fmt::format("launchd keeps {} disabled", target_of(profile)),
                        "launchctl enable " + target_of(profile));
        }
        if (!leaves && *answer == ambiguous && refused_before) {
            return fail(Errc::command_failed,
                        fmt::format("launchd refuses {} (code 5), and it is neither loaded nor "
                                    "disabled: the plist is not to its liking",
                                    path_of(profile)),
                        "plutil -lint " + shell_quote(path_of(profile)));
        }
        refused_before = refused_before || !leaves;
        if (end.passed()) {
            return fail(Errc::timed_out,
                        fmt::format("the old job {} does not leave", target_of(profile)),
                        "gatewayctl stop --force " + profile.str());
        }
        std::this_thread::sleep_for(poll_pause);
    }
}

Result<void> LaunchdManager::start(sys::Effects& effects, const ProfileName& profile) {
    using enum LaunchctlAnswer;
    if (auto ours = check_ours(profile); !ours) {
        return ours;
    }
    if (const auto enabled = tell(effects, {"enable", target_of(profile)}, {}); !enabled) {
        return std::unexpected(enabled.error());
    }
    const auto job = job_of(profile);
    if (!job) {
        return std::unexpected(job.error());
    }
    const bool stays = *job && !(*job)->state.starts_with("SIG");
    if (!stays) {
        if (auto loaded = load(effects, profile); !loaded) {
            return loaded;
        }
    }
    // RunAtLoad alone was seen to leave a job loaded and not running; a running one is left alone.
    const auto kicked = tell(effects, {"kickstart", target_of(profile)}, {in_progress});
    return kicked ? Result<void>{} : std::unexpected(kicked.error());
}

Result<void> LaunchdManager::unload(sys::Effects& effects, const ProfileName& profile) const {
    const Argv argv = {"launchctl", "bootout", target_of(profile)};
    const auto output = effects.run(argv, bootout_patience);
    if (!output) {
        return output.error().code == Errc::timed_out ? Result<void>{}
                                                      : std::unexpected(output.error());
    }
    switch (launchctl_answer(output->exit_code)) {
    case LaunchctlAnswer::done:
    case LaunchctlAnswer::not_loaded:
    case LaunchctlAnswer::in_progress:
        return {};
    default:
        return std::unexpected(launchctl_error(argv, *output));
    }
}

Result<void> LaunchdManager::stop(sys::Effects& effects, const ProfileName& profile) {
    if (auto ours = check_ours(profile); !ours) {
        return ours;
    }
    if (const auto off = tell(effects, {"disable", target_of(profile)}, {}); !off) {
        return std::unexpected(off.error());
    }
    auto unloaded = unload(effects, profile);
    if (!unloaded) {
        (void)tell(effects, {"enable", target_of(profile)}, {});
    }
    return unloaded;
}

Result<void> LaunchdManager::restart(sys::Effects& effects, const ProfileName& profile) {
    if (auto ours = check_ours(profile); !ours) {
        return ours;
    }
    const auto told =
        tell(effects, {"kill", "SIGTERM", target_of(profile)}, {LaunchctlAnswer::not_loaded});
    return told ? Result<void>{} : std::unexpected(told.error());
}

Result<void> LaunchdManager::kill(sys::Effects& effects, const ProfileName& profile) {
    const auto told =
        tell(effects, {"kill", "SIGKILL", target_of(profile)}, {LaunchctlAnswer::not_loaded});
    return told ? Result<void>{} : std::unexpected(told.error());
}

Result<Argv> LaunchdManager::log_command(const ProfileName& profile,
                                         const LogRequest& request) const {
    Argv argv = {"tail", "-n", std::to_string(request.lines)};
    if (request.follow) {
        argv.emplace_back("-F");
    }
    argv.push_back(home_.path() + "/logs/gateways/" + profile.str() + "/gateway.log");
    return argv;
}

Result<void> LaunchdManager::add(sys::Effects& effects, const ServiceSpec& spec) {
    const auto rendered = render_launchd(home_, spec);
    if (!rendered) {
        return std::unexpected(rendered.error());
    }
    const Plist plist = read_plist(file_of(spec.profile));
    if (plist.kind == Plist::Kind::not_ours) {
        return check_ours(spec.profile);
    }
    for (const auto& path :
         {agents_directory(), spec.home + "/logs/gateways/" + spec.profile.str()}) {
        if (auto made = effects.make_path(path); !made) {
            return made;
        }
    }
    // launchd loads at login what is not disabled: install alone must not start it.
    if (plist.kind == Plist::Kind::absent && !spec.starts) {
        if (const auto off = tell(effects, {"disable", target_of(spec.profile)}, {}); !off) {
            return std::unexpected(off.error());
        }
    }
    if (plist.text == rendered->text) {
        return {};
    }
    const auto agents = sys::Directory::open(agents_directory());
    if (!agents) {
        return std::unexpected(agents.error());
    }
    constexpr unsigned readable_by_all = 0644;
    return effects.replace_file(*agents, file_of(spec.profile), rendered->text,
                                sys::Durability::durable, {readable_by_all});
}

Result<void> LaunchdManager::remove(sys::Effects& effects, const ProfileName& profile) {
    const Plist plist = read_plist(file_of(profile));
    if (plist.kind == Plist::Kind::absent) {
        return {};
    }
    if (auto ours = check_ours(profile); !ours) {
        return ours;
    }
    const auto job = job_of(profile);
    if (!job) {
        return std::unexpected(job.error());
    }
    if (*job && (*job)->pid && !(*job)->state.starts_with("SIG")) {
        return fail(Errc::conflict, fmt::format("'{}' is up", profile.str()),
                    "gatewayctl stop " + profile.str());
    }
    if (auto unloaded = unload(effects, profile); !unloaded) {
        return unloaded;
    }
    if (auto gone = wait_unloaded(profile, stop_deadline(settings_.drain_timeout)); !gone) {
        return gone;
    }
    const auto agents = sys::Directory::open(agents_directory());
    if (!agents) {
        return std::unexpected(agents.error());
    }
    if (auto removed = effects.remove_file(*agents, file_of(profile)); !removed) {
        return removed;
    }
    // Nothing of the label stays behind, not even that it was disabled.
    const auto enabled = tell(effects, {"enable", target_of(profile)}, {});
    return enabled ? Result<void>{} : std::unexpected(enabled.error());
}

} // namespace

Result<RenderedFile> render_launchd(const store::Home& home, const ServiceSpec& spec) {
    auto service = make_host_service(spec, service_name(home, spec.profile));
    if (!service) {
        return std::unexpected(std::move(service.error()));
    }
    auto text = render_plist(*service);
    if (!text) {
        return std::unexpected(std::move(text.error()));
    }
    return RenderedFile{agents_directory() + "/" + launchd_label(*service) +
                            std::string(plist_suffix),
                        std::move(*text)};
}

Result<std::unique_ptr<ServiceManager>> make_launchd_manager(const store::Home& home,
                                                             const Settings& settings) {
    if (const auto tool = sys::find_tool("launchctl"); !tool) {
        return fail(Errc::no_manager, "there is no launchctl in PATH: this is no Mac",
                    "gatewayctl detect");
    }
    auto domain = choose_domain();
    if (!domain) {
        return std::unexpected(std::move(domain.error()));
    }
    return std::make_unique<LaunchdManager>(home, settings, std::move(*domain));
}

} // namespace gw::supervise
