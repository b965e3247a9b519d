#include "players.hpp"

#include "calls.hpp"
#include "game.hpp"

#include "operate/after_exit.hpp"
#include "operate/holder.hpp"
#include "operate/untold_ends.hpp"
#include "reconcile/keeper.hpp"
#include "rules/time_limits.hpp"
#include "run/gateway_run.hpp"
#include "store/home.hpp"
#include "supervise/s6/svstat.hpp"
#include "supervise/s6/tree_stop.hpp"
#include "sys/processes.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>

namespace gw::simulation {

namespace {

void complain(std::string_view) {}

/// Home and profile, opened as a verb of the program does.
struct Place {
    store::Home home;
    sys::Directory directory;
};

Place open_place(const ProfileName& profile) {
    auto home = store::Home::open("/data");
    auto directory = home ? home->require(profile) : std::unexpected(home.error());
    if (!directory) {
        the_world()->exit(111);
    }
    return {std::move(*home), std::move(*directory)};
}

/// A killed s6-supervise leaves its gateway alive: that one ends before the next begins
/// (s6-templates/run).
void end_noted_life() {
    constexpr std::size_t limit = 4096;
    const auto slot = sys::Directory::open(".");
    const auto earlier =
        slot ? sys::identity_in_stat(sys::read_file(*slot, "life", limit).bytes) : std::nullopt;
    if (earlier && sys::is_alive(*earlier) &&
        !operate::end_earlier_life(*earlier,
                                   kill_timeout(the_game()->first.settings.drain_timeout))) {
        the_world()->exit(75);
    }
}

void note_life() {
    auto* world = the_world();
    world->point();
    const auto& slot = caller()->working_directory;
    if (!Files::find(slot, "life")) {
        (void)world->files.make(slot, "life", Inode::Kind::file, 0644, world->wall());
    }
    const auto self = sys::Directory::open(fmt::format("/proc/{}", caller()->pid));
    constexpr std::size_t limit = 4096;
    Files::find(slot, "life")->bytes = self ? sys::read_file(*self, "stat", limit).bytes : "";
}

} // namespace

void play_gateway(const std::string& profile) {
    auto* world = the_world();
    auto& game = *the_game();
    game.gateway_begins(profile);
    auto& self = *caller();
    self.reads_signals = true;
    const auto told = [&self] { return !self.signals.empty(); };
    const bool crashes = game.may_crash() && world->chance.draw(2) == 0;
    const auto to_start = static_cast<Micros>(world->chance.draw(400'000));
    if (!world->wait_for(told, world->now() + to_start)) {
        if (const auto ready = self.descriptors.find(notification_number);
            ready != self.descriptors.end() && ready->second.first->type == FileType::pipe) {
            ready->second.first->node->bytes += '\n';
        }
        const auto life =
            crashes ? world->now() + static_cast<Micros>(world->chance.draw(3'000'000)) : for_ever;
        if (!world->wait_for(told, life)) {
            game.gateway_crashed(profile);
            world->end(self, 0, SIGSEGV);
            throw Gone{};
        }
    }
    world->sleep(static_cast<Micros>(world->chance.draw(2'000'000)));
    world->exit(0);
}

void play_run(const std::string& name) {
    end_noted_life();
    note_life();
    const auto profile = ProfileName::parse(name);
    auto signals = sys::SignalEvents::open();
    auto place = open_place(*profile);
    const auto& settings = the_game()->member_of(*caller()).settings;
    sys::hear_of_parents_death(SIGTERM);
    run::RunOptions options;
    options.command = {"program", name};
    options.supervision = run::Supervision::supervised;
    options.notification_fd = notification_number;
    options.drain_timeout = [&settings] { return settings.drain_timeout; };
    const auto volume = own::ownership_of(place.home, settings);
    sys::SystemEffects effects(complain);
    const auto code = run::run_gateway(effects, *signals, *volume, place.directory, options);
    the_world()->exit(code ? *code : 1);
}

void play_finish(const std::string& name, int code, int signal) {
    const auto profile = ProfileName::parse(name);
    const auto place = open_place(*profile);
    const auto& settings = the_game()->member_of(*caller()).settings;
    const auto volume = own::ownership_of(place.home, settings);
    constexpr int ended_by_signal = 256;
    sys::SystemEffects effects(complain);
    const auto next =
        operate::after_exit(effects, {place.directory, *profile, *volume, settings.death_budget},
                            {code, code >= ended_by_signal ? std::optional(signal) : std::nullopt,
                             supervise::was_commanded_down()},
                            operate::Pausing::here);
    constexpr int permanent_failure = 125;
    the_world()->exit(next && *next == operate::NextStart::not_wanted ? permanent_failure : 0);
}

void play_keeper() {
    auto* world = the_world();
    auto& self = *caller();
    const auto home = store::Home::open("/data");
    if (!home) {
        world->exit(1);
    }
    sys::SystemEffects effects(complain);
    const auto is_ready = [&self] {
        if (const auto ready = open_file_of(self, notification_number)) {
            ready->node->bytes += '\n';
        }
    };
    const auto share =
        reconcile::keep_volume(effects, {.home = *home,
                                         .settings = the_game()->member_of(self).settings,
                                         .is_ready = is_ready,
                                         .report = [](const auto& /*pass*/) {}});
    if (share && *share) {
        (void)world->wait_for([] { return false; }, for_ever);
    }
    world->exit(share ? 0 : 1);
}

void play_keeper_finish(int code) {
    constexpr int permanent_failure = 125;
    constexpr int bad_config = 78;
    the_world()->exit(code == 0 || code == bad_config ? permanent_failure : 0);
}

namespace {

struct Tree {
    store::Home home;
    supervise::Scandir scandir;
};

Tree open_tree(const std::string& path) {
    auto home = store::Home::open("/data");
    auto scandir = supervise::Scandir::open(path);
    if (!home || !scandir || !*scandir) {
        the_world()->exit(1);
    }
    return {std::move(*home), std::move(**scandir)};
}

} // namespace

void play_before_stop(const std::string& path) {
    const auto tree = open_tree(path);
    sys::SystemEffects effects(complain);
    supervise::take_finish_away(effects, tree.scandir, tree.home);
    (void)effects.run({"s6-svscanctl", "-t", path}, seconds(1));
}

void play_after_stop(const std::string& path) {
    const auto tree = open_tree(path);
    const auto& settings = the_game()->member_of(*caller()).settings;
    sys::SystemEffects effects(complain);
    operate::record_untold_ends(effects, tree.home, tree.scandir, settings);
}

} // namespace gw::simulation
