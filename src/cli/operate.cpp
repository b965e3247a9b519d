#include "cli/operate.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"
#include "reconcile/observe.hpp"
#include "reconcile/prepare.hpp"
#include "supervise/detect.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <unistd.h>

namespace gw::cli {

namespace {

/// In a container everything is done as the gateways' user; what only root can do comes first.
Result<void> leave_root(const Workplace& workplace, Access access) {
    if (access == Access::look) {
        return become_home_owner(workplace.home);
    }
    const auto account = store::account_of_home(workplace.home);
    if (!account) {
        return std::unexpected(account.error());
    }
    sys::SystemEffects effects;
    if (auto done = reconcile::prepare_scandir(effects, workplace.settings.scandir, *account);
        !done) {
        return done;
    }
    return become_home_owner(workplace.home);
}

} // namespace

Result<std::unique_ptr<Station>> Station::open(const Globals& globals, Access access) {
    auto workplace = open_workplace(globals);
    if (!workplace) {
        return std::unexpected(std::move(workplace.error()));
    }
    for (const auto& finding : workplace->settings.findings) {
        sys::log_warning(printable(to_line(finding)));
    }
    std::unique_ptr<Station> station(new Station(std::move(*workplace)));
    const auto kind = supervise::manager_kind(station->settings());
    if (!kind) {
        return std::unexpected(kind.error());
    }
    if (*kind == supervise::ManagerKind::s6 && ::geteuid() == 0) {
        if (auto left = leave_root(station->workplace_, access); !left) {
            return std::unexpected(left.error());
        }
    }
    auto manager = supervise::make_manager(station->home(), station->settings());
    if (!manager) {
        return std::unexpected(std::move(manager.error()));
    }
    station->manager_ = std::move(*manager);
    return station;
}

void add_target_options(CLI::App& verb, Targets& targets) {
    auto* names = verb.add_option("NAME", targets.names, "Profiles; default: -p, else 'default'")
                      ->type_name("");
    verb.add_flag("--all", targets.all, "Every registered profile")->excludes(names);
}

Result<std::vector<ProfileName>> named_targets(const Globals& globals,
                                               const std::vector<std::string>& names) {
    std::vector<std::string> words = names;
    if (words.empty()) {
        words.push_back(globals.profile.value_or(std::string(ProfileName::root_text)));
    }
    std::vector<ProfileName> targets;
    for (const auto& word : words) {
        auto name = ProfileName::parse(word);
        if (!name) {
            return std::unexpected(std::move(name.error()));
        }
        if (std::find(targets.begin(), targets.end(), *name) == targets.end()) {
            targets.push_back(std::move(*name));
        }
    }
    return targets;
}

void add_timeout_option(CLI::App& verb, operate::OperationOptions& operation) {
    verb.add_option_function<double>(
            "--timeout",
            [&operation](double value) {
                operation.timeout =
                    std::chrono::duration_cast<milliseconds>(std::chrono::duration<double>(value));
            },
            "Seconds to wait; default: from the drain timeout")
        ->type_name("SECONDS")
        ->check(CLI::Range(0.0, static_cast<double>(max_drain_timeout.count())));
}

void add_operate_options(CLI::App& verb, OperateOptions& options) {
    add_target_options(verb, options.targets);
    add_timeout_option(verb, options.operation);
    verb.add_flag_callback(
        "--no-wait", [&options] { options.operation.patience = operate::Patience::no_wait; },
        "Return as soon as the supervisor has accepted the command");
    verb.add_flag_callback(
        "--force", [&options] { options.operation.escalation = Escalation::kill; },
        "SIGKILL what still lives at the deadline");
}

namespace {

Result<std::vector<ProfileName>> choose_targets(const Globals& globals, const Station& station,
                                                const Targets& targets,
                                                const Operation& operation) {
    if (!targets.all) {
        return named_targets(globals, targets.names);
    }
    auto registered = station.manager().list();
    if (registered) {
        std::erase_if(*registered, [&](const ProfileName& profile) {
            return !operation.part_of_all(station, profile);
        });
    }
    return registered;
}

void log_warnings(const operate::Pending& pending) {
    for (const auto& warning : pending.warnings) {
        sys::log_warning(pending.profile.str() + ": " + printable(to_line(warning)));
    }
}

void show_progress(const Operation& operation, const operate::Pending& pending) {
    if (::isatty(STDERR_FILENO) == 1 && pending.watch.before) {
        sys::log_info(fmt::format("waiting for {} of '{}' (pid {})", operation.verb,
                                  pending.profile.str(), pending.watch.before->pid.value));
    }
}

} // namespace

namespace {

/// Waits for all of them at the same time: the second half of a restart must not wait for the drain
/// of another gateway.
std::vector<VerbResult> finish_all(const operate::Operator& by,
                                   std::vector<Result<operate::Pending>>& begun,
                                   const std::vector<ProfileName>& targets,
                                   const OperateOptions& options, const Operation& operation) {
    for (auto& one : begun) {
        if (one) {
            show_progress(operation, *one);
        }
    }
    auto ends = operate::watch_all(by, begun, options.operation);
    std::vector<VerbResult> results;
    for (std::size_t i = 0; i < begun.size(); ++i) {
        results.push_back(
            {targets[i], ends[i] ? std::nullopt : std::optional(std::move(ends[i].error()))});
        if (begun[i]) {
            log_warnings(*begun[i]);
        }
    }
    return results;
}

} // namespace

int operate(const Globals& globals, const OperateOptions& options, const Operation& operation) {
    const auto station = Station::open(globals);
    if (!station) {
        return report_error(station.error());
    }
    const auto targets = choose_targets(globals, **station, options.targets, operation);
    if (!targets) {
        return report_error(targets.error());
    }
    sys::SystemEffects effects;
    const auto by = (*station)->with(effects);
    std::vector<Result<operate::Pending>> begun;
    begun.reserve(targets->size());
    for (const auto& profile : *targets) {
        begun.push_back(operation.begin(by, profile));
    }
    const auto results = finish_all(by, begun, *targets, options, operation);
    return report_results(globals, operation.verb, operation.past, results);
}

namespace {

Json results_json(std::string_view verb, const std::vector<VerbResult>& results,
                  std::size_t failed) {
    Json root = Json::object();
    root["version"] = 1;
    root["verb"] = verb;
    root["done"] = results.size() - failed;
    root["failed"] = failed;
    root["results"] = Json::array();
    for (const auto& result : results) {
        Json record = Json::object();
        record["profile"] = result.profile.str();
        record["ok"] = !result.error.has_value();
        record["error"] = result.error ? Json(printable(result.error->message)) : Json();
        record["next"] = result.error && !result.error->next.empty()
                             ? Json(printable(result.error->next))
                             : Json();
        root["results"].push_back(std::move(record));
    }
    return root;
}

} // namespace

int report_results(const Globals& globals, std::string_view verb, std::string_view past,
                   const std::vector<VerbResult>& results) {
    int status = exit_status::done;
    std::size_t failed = 0;
    std::string text;
    for (const auto& result : results) {
        if (result.error) {
            ++failed;
            status = report_error(*result.error);
        } else {
            text += fmt::format("{} {}\n", past, result.profile.str());
        }
    }
    if (results.size() > 1) {
        text += fmt::format("{} {}, {} failed\n", results.size() - failed, past, failed);
    }
    const bool printed = globals.json ? print_json(results_json(verb, results, failed))
                         : globals.verbosity == sys::Verbosity::quiet ? true
                                                                      : print(text);
    if (!printed || (failed > 0 && results.size() > 1)) {
        return exit_status::some_failed;
    }
    return status;
}

bool any_profile(const Station& /*station*/, const ProfileName& /*profile*/) {
    return true;
}

} // namespace gw::cli
