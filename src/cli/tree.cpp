#include "rules/tree.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/pass_messages.hpp"
#include "cli/verbs.hpp"
#include "sys/accounts.hpp"
#include "sys/directory.hpp"
#include "sys/readiness.hpp"
#include "sys/self.hpp"
#include "tree/front.hpp"
#include "tree/launch.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

/// The image has the service, and its operator chose the other tree: nothing waits for this one.
int decline(const Words& words) {
    if (const auto fd = words.integer("--ready-fd")) {
        if (auto ready = sys::take_notification_fd(*fd)) {
            sys::tell_ready(*ready);
        }
    }
    return report_error({Errc::bad_config,
                         "the gateways of this container live in the shared tree "
                         "(GATEWAYCTL_TREE=shared)",
                         "unset it, or GATEWAYCTL_TREE=own, at the container's next start"});
}

void say_result(Context& context, const reconcile::Pass& pass) {
    say_messages(context, pass);
    const auto ups = std::count_if(
        pass.plan.profiles.begin(), pass.plan.profiles.end(),
        [](const ProfilePlan& profile) { return profile.decision.goal == SlotGoal::up; });
    sys::log_info(fmt::format("{} profiles, {} of them up", pass.plan.profiles.size(), ups));
}

/// The service's own `timeout-kill` is the image's, and may be for a shorter drain than is
/// configured: its s6-supervise would cut the gateways off.
void warn_of_short_patience(const Settings& settings) {
    constexpr std::size_t longest_number = 32;
    const auto here = sys::Directory::open(".");
    const auto given = here ? parse_number<std::int64_t>(trimmed(
                                  sys::read_file(*here, "timeout-kill", longest_number).bytes))
                            : std::nullopt;
    const milliseconds needed = tree_kill_timeout(settings.drain_timeout);
    if (given && *given != 0 && milliseconds(*given) < needed) {
        sys::log_warning(fmt::format(
            "a drain may take {} s, and this service is killed after {} ms: write {} into its "
            "timeout-kill",
            settings.drain_timeout.count(), *given, needed.count()));
    }
}

/// Becomes s6-svscan; returns only when that failed. A failure after the tree was up once is worth
/// another try by whoever started this process; before, it would keep a boot waiting.
int become_tree(sys::Effects& effects, const tree::Launch& launch) {
    const bool was_served = tree::was_served(launch.settings);
    warn_of_short_patience(launch.settings);
    own::Share share;
    const auto command = tree::prepare(effects, launch, share);
    const int status = report_error(command ? sys::replace_self(*command) : command.error());
    return was_served ? exit_status::timed_out : status;
}

int stand_before(sys::Effects& effects, const tree::Launch& launch) {
    auto signals = sys::SignalEvents::open();
    if (!signals) {
        return report_error(signals.error());
    }
    own::Share share;
    const auto done = tree::stand_before_tree(
        *signals, {.prepare = [&] { return tree::prepare(effects, launch, share); },
                   .ready_fd = launch.ready_fd,
                   .supervisor = sys::environment("NOTIFY_SOCKET"),
                   .kill_timeout = tree_kill_timeout(launch.settings.drain_timeout)});
    return done ? exit_status::done : report_error(done.error());
}

} // namespace

int tree(Context& context, const Words& words, sys::Effects& effects) {
    if (context.surroundings().tree == TreeKind::shared) {
        return decline(words);
    }
    const auto opened = context.opened();
    if (!opened) {
        return report_error(opened.error());
    }
    if (auto given_up =
            sys::give_up_capabilities(opened->settings.no_new_privs ? sys::NewPrivileges::forbidden
                                                                    : sys::NewPrivileges::allowed);
        !given_up) {
        return report_error(given_up.error());
    }
    sys::complete_search_path();
    tree::Launch launch{.home = opened->home, .settings = opened->settings};
    launch.report = [&context](const reconcile::Pass& pass) { say_result(context, pass); };
    const auto ready_fd = words.integer("--ready-fd");
    if (!ready_fd) {
        return stand_before(effects, launch);
    }
    launch.ready_fd = *ready_fd;
    launch.if_served = tree::IfServed::end_it;
    return become_tree(effects, launch);
}

} // namespace gw::cli
