#include "supervise/host/plists.hpp"

#include "base/text.hpp"
#include "render/launchd_plist.hpp"
#include "rules/time_limits.hpp"
#include "supervise/host/launchctl.hpp"
#include "supervise/host/plists.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

/// `launchctl bootout` may wait for the job to end; that wait is the caller's, with its own limit.
constexpr std::chrono::milliseconds bootout_patience{2000};

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
          files_(plist_form(home), home, settings), home_(home), settings_(settings),
          domain_(std::move(domain)) {}

    [[nodiscard]] const Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& profile) const override;
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override;
    Result<void> start(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> stop(sys::Effects& effects, const ProfileName& profile) override;
    /// launchd's own restart: the job stays loaded whatever becomes of this program meanwhile.
    [[nodiscard]] std::string plain_stop(const ProfileName& profile) const override {
        return "launchctl bootout " + target_of(profile);
    }
    Result<void> restart(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> kill(sys::Effects& effects, const ProfileName& profile) override;
    [[nodiscard]] Result<Argv> log_command(const ProfileName& profile,
                                           const LogRequest& request) const override;
    Result<void> add(sys::Effects& effects, const ServiceSpec& spec) override;
    /// Refused while it is loaded: between the unloading and the loading of a job everything would
    /// depend on this program.
    Result<void> renew(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) override;

  private:
    [[nodiscard]] std::string target_of(const ProfileName& profile) const {
        return domain_ + "/" + launchd_label_of(home_, profile);
    }
    [[nodiscard]] std::string path_of(const ProfileName& profile) const {
        return files_.path_of(profile);
    }
    /// nullopt: not loaded.
    [[nodiscard]] Result<std::optional<LaunchdJob>> job_of(const ProfileName& profile) const;
    [[nodiscard]] Result<bool> is_disabled(const ProfileName& profile) const;
    Result<LaunchctlAnswer> tell(sys::Effects& effects, const Argv& words,
                                 std::initializer_list<LaunchctlAnswer> accepted) const;
    Result<void> load(sys::Effects& effects, const ProfileName& profile) const;
    Result<void> unload(sys::Effects& effects, const ProfileName& profile) const;
    Result<void> wait_unloaded(const ProfileName& profile, std::chrono::milliseconds limit) const;

    Traits traits_;
    ServiceFiles files_;
    const store::Home& home_;
    const Settings& settings_;
    std::string domain_;
};

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
    return lists_as_disabled(answer->out, launchd_label_of(home_, profile));
}

Result<ObservedService> LaunchdManager::observe(const ProfileName& profile) const {
    const ServiceFile plist = files_.read(profile);
    ObservedService seen;
    if (plist.kind == ServiceFile::Kind::other_home || plist.kind == ServiceFile::Kind::foreign) {
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
    seen.registered = plist.kind == ServiceFile::Kind::ours;
    // The plist is what launchd will load; between stop and start there is nothing else to command.
    seen.supervised = seen.registered;
    if (seen.process) {
        // Without /proc (macOS) the start time stays unknown and launchd's word stands.
        if (const auto identity = sys::identity_of(seen.process->pid)) {
            seen.process = identity;
        }
    }
    seen.drift = seen.registered ? files_.drift_of(profile, plist) : "";
    return seen;
}

Result<std::vector<ProfileName>> LaunchdManager::list() const {
    return files_.list();
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
    Result<std::optional<LaunchdJob>> job;
    const bool answered = sys::poll_until(sys::Deadline(limit), [&] {
        job = job_of(profile);
        return !job || !*job;
    });
    if (!job) {
        return std::unexpected(job.error());
    }
    return answered
               ? Result<void>{}
               : fail(Errc::timed_out,
                      fmt::format("launchd still has {} ({})", target_of(profile), (*job)->state),
                      "launchctl print " + target_of(profile));
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
        sys::pause(sys::poll_pause);
    }
}

Result<void> LaunchdManager::start(sys::Effects& effects, const ProfileName& profile) {
    using enum LaunchctlAnswer;
    if (auto ours = files_.check_ours(profile); !ours) {
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
    const Argv kickstart = {"kickstart", target_of(profile)};
    auto kicked = tell(effects, kickstart, {in_progress, not_loaded});
    if (kicked && *kicked == not_loaded) {
        // The job that was there has left between the look at it and this command.
        if (auto loaded = load(effects, profile); !loaded) {
            return loaded;
        }
        kicked = tell(effects, kickstart, {in_progress});
    }
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
    if (auto ours = files_.check_ours(profile); !ours) {
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
    if (auto ours = files_.check_ours(profile); !ours) {
        return ours;
    }
    const auto told =
        tell(effects, {"kickstart", "-k", target_of(profile)}, {LaunchctlAnswer::in_progress});
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
    const ServiceFile plist = files_.read(spec.profile);
    if (plist.kind == ServiceFile::Kind::other_home || plist.kind == ServiceFile::Kind::foreign) {
        return files_.check_ours(spec.profile);
    }
    const std::string logs = spec.home + "/logs/gateways/" + spec.profile.str();
    if (auto made = effects.make_path(logs); !made) {
        return made;
    }
    // launchd loads at login what is not disabled: install alone must not start it.
    if (plist.kind == ServiceFile::Kind::absent && !spec.starts) {
        if (const auto off = tell(effects, {"disable", target_of(spec.profile)}, {}); !off) {
            return std::unexpected(off.error());
        }
    }
    return plist.text == rendered->text ? Result<void>{}
                                        : files_.write(effects, spec.profile, rendered->text);
}

Result<void> LaunchdManager::renew(sys::Effects& effects, const ProfileName& profile) {
    const auto job = job_of(profile);
    const auto spec = job ? files_.spec_of(profile) : std::unexpected(job.error());
    if (!spec || files_.drift_of(profile, files_.read(profile)).empty()) {
        return spec ? Result<void>{} : std::unexpected(spec.error());
    }
    return *job ? fail(Errc::conflict, "launchd reads a plist only when it loads it",
                       fmt::format("gatewayctl install {0} && gatewayctl stop {0} && gatewayctl "
                                   "start {0}",
                                   profile.str()))
                : add(effects, *spec);
}

Result<void> LaunchdManager::remove(sys::Effects& effects, const ProfileName& profile) {
    const ServiceFile plist = files_.read(profile);
    if (plist.kind == ServiceFile::Kind::absent) {
        return {};
    }
    if (auto ours = files_.check_ours(profile); !ours) {
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
    if (auto removed = files_.remove(effects, profile); !removed) {
        return removed;
    }
    // Nothing of the label stays behind, not even that it was disabled.
    const auto enabled = tell(effects, {"enable", target_of(profile)}, {});
    return enabled ? Result<void>{} : std::unexpected(enabled.error());
}

} // namespace

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
