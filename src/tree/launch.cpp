#include "tree/launch.hpp"
#include "rules/variables.hpp"

#include "operate/untold_ends.hpp"
#include "render/tree_stop.hpp"
#include "supervise/s6/prepare.hpp"
#include "supervise/s6/tree_stop.hpp"
#include "sys/accounts.hpp"
#include "sys/log.hpp"
#include "sys/self.hpp"

namespace gw::tree {

namespace {

/// Asks s6-svscan for its options. No version of it knows this one, and none starts on that
/// directory.
Result<std::string> usage_of_svscan() {
    const auto answer = sys::query({"s6-svscan", "--usage", "/dev/null"}, tool_deadline);
    return answer ? Result<std::string>(answer->err + answer->out)
                  : std::unexpected(answer.error());
}

/// What an image leaves to its engine: a directory for the scandir that this user may write to.
Result<supervise::Scandir> scandir_of_tree(sys::Effects& effects, const Settings& settings) {
    auto scandir = supervise::make_scandir(effects, settings.scandir, TreeKind::own);
    if (!scandir && scandir.error().next.empty()) {
        return std::unexpected(
            std::move(scandir.error())
                .advise("start the container with --tmpfs /run:exec,mode=1777 (in Kubernetes an "
                        "emptyDir on /run), or name a directory that uid " +
                        std::to_string(sys::effective_uid()) +
                        " may make by S6_PROFILE_GATEWAY_SCANDIR"));
    }
    return scandir;
}

/// For what a slot's finish has to know; its run says it by itself.
void tell_of_fence(const Settings& settings) {
    if (settings.fleet) {
        sys::say_in_environment(std::string(name_of(Variable::fence)), fence_directory(settings));
    }
}

} // namespace

Result<Argv> prepare(sys::Effects& effects, const Launch& launch, own::Share& share) {
    const auto& settings = launch.settings;
    // What cannot be started is known before a pass has changed anything.
    const auto usage = usage_of_svscan();
    if (!usage) {
        return std::unexpected(Error(usage.error())
                                   .within("there is no supervision tree without "
                                           "s6-svscan"));
    }
    const auto scandir = scandir_of_tree(effects, settings);
    if (!scandir) {
        return std::unexpected(scandir.error());
    }
    if (auto can = scandir->check_can_run(); !can) {
        return std::unexpected(std::move(can.error()));
    }
    // The earlier tree may have the volume: it does not change hands between the two.
    const auto volume = own::ownership_of(launch.home, settings);
    const auto kept =
        volume->look().kind == Standing::Kind::here ? volume->take(effects) : own::Share{};
    if (auto ended = end_earlier_tree(effects, *scandir, launch.if_served,
                                      tree_kill_timeout(settings.drain_timeout));
        !ended) {
        return std::unexpected(std::move(ended.error()));
    }
    const auto at_its_stop = render_tree_stop(
        {sys::own_program().value_or("gatewayctl"), launch.home.path(), settings.scandir});
    if (auto written = supervise::write_tree_stop(effects, *scandir, at_its_stop); !written) {
        return std::unexpected(std::move(written.error()));
    }
    operate::record_untold_ends(effects, launch.home, *scandir, settings);
    tell_of_fence(settings);
    auto pass =
        reconcile::run_pass(effects, launch.home, settings, reconcile::AfterPass::becomes_tree);
    if (!pass) {
        return std::unexpected(Error(pass.error()).within("cannot reconcile"));
    }
    if (const auto kept_open = pass->share.bequeath()) {
        sys::say_in_environment(std::string(name_of(Variable::share)), std::to_string(*kept_open));
    }
    share = std::move(pass->share);
    launch.report(*pass);
    const auto capacity = svscan_capacity(*usage, pass->plan.profiles.size());
    if (!capacity) {
        sys::log_warning("this s6-svscan has neither -C nor -c: it takes as many services as it "
                         "was built for");
    }
    return svscan_command(capacity, launch.ready_fd, scandir->path());
}

bool was_served(const Settings& settings) {
    const auto scandir = sys::Directory::open(settings.scandir);
    return scandir && scandir->has(".s6-svscan/control");
}

} // namespace gw::tree
