#include "game.hpp"

#include "calls.hpp"
#include "supervisor.hpp"
#include "systemd.hpp"

#include "operate/begin.hpp"
#include "operate/install.hpp"
#include "operate/register.hpp"
#include "operate/watch.hpp"
#include "reconcile/pass.hpp"
#include "rules/host_service.hpp"
#include "store/home.hpp"
#include "supervise/detect.hpp"
#include "sys/log.hpp"
#include "sys/system_effects.hpp"
#include "tree/launch.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>

namespace gw::simulation {

namespace {

constexpr Micros one_second = 1'000'000;

void complain(std::string_view message) {
    sys::log_warning(message);
}

Member member(int container, const std::string& scandir) {
    Member one{container, scandir, {}};
    auto& settings = one.settings;
    settings.home = "/data";
    settings.scandir = scandir;
    settings.tree = TreeKind::own;
    settings.tree_kind = TreeKind::own;
    settings.manager = "s6";
    settings.drain_timeout = seconds(5);
    settings.death_budget = 3;
    settings.command = {"gatewayctl", "run", "--", "program", "{profile}"};
    settings.default_command = settings.command;
    return one;
}

Member host() {
    Member one = member(1, "");
    auto& settings = one.settings;
    settings.tree.reset();
    settings.tree_kind = TreeKind::shared;
    settings.manager = "systemd";
    settings.scope = "system";
    return one;
}

/// `gatewayctl tree`: the boot pass, and then s6-svscan in the same process.
void play_tree(const Member& where, tree::IfServed if_served) {
    const auto home = store::Home::open(where.settings.home);
    if (!home) {
        the_world()->exit(78);
    }
    sys::SystemEffects effects(complain);
    own::Share share;
    const auto argv = tree::prepare(effects,
                                    {.home = *home,
                                     .settings = where.settings,
                                     .if_served = if_served,
                                     .report = [](const auto& /*pass*/) {}},
                                    share);
    if (!argv) {
        sys::log_error(argv.error());
        the_world()->exit(1);
    }
    caller()->argv = *argv;
    become_svscan(where.scandir);
}

void reap_all(const Process& init) {
    for (const auto& process : the_world()->processes()) {
        if (process->container == init.container && process->parent == init.pid &&
            !process->alive) {
            process->reaped = true;
        }
    }
}

/// The container's init: keeps the tree up, and takes it down at the end.
void play_init(const Member& where) {
    auto* world = the_world();
    auto& self = *caller();
    self.reads_signals = true;
    self.environment["HERMES_HOME"] = where.settings.home;
    bool stops = false;
    for (auto if_served = tree::IfServed::refuse;; if_served = tree::IfServed::end_it) {
        const auto began = world->now();
        const auto tree = fork_exec(self, {"gatewayctl", "tree"}, "gatewayctl tree",
                                    [&where, if_served] { play_tree(where, if_served); });
        while (tree->alive) {
            (void)world->wait_for([&] { return !self.signals.empty(); }, for_ever);
            for (; !self.signals.empty(); self.signals.pop_front()) {
                if (self.signals.front() == SIGTERM) {
                    stops = true;
                    world->signal(*tree, SIGTERM);
                }
            }
            reap_all(self);
        }
        if (stops) {
            world->exit(0);
        }
        world->sleep(std::max<Micros>(0, began + one_second - world->now()));
    }
}

} // namespace

std::string unit_of(const Settings& settings, const ProfileName& profile) {
    return host_service_name(profile, settings.home, canonical_home(Scope::system, "")) +
           ".service";
}

Game*& the_game() {
    static Game* game = nullptr;
    return game;
}

Game::Game(World& in, Plan what)
    : world(in), plan(std::move(what)),
      first(plan.kind == Kind::host ? host() : member(1, "/run/1/service")),
      second(member(2, "/run/2/service")) {
    the_game() = this;
    if (plan.kind == Kind::standby) {
        second.settings.role = Role::standby;
        second.settings.role_told = Role::standby;
    }
    forget_fifos();
    const auto now = world.wall();
    world.files.make_path("/data/profiles", now);
    for (const auto& profile : plan.profiles) {
        const auto directory = world.files.make_path("/data/profiles/" + profile, now);
        world.files.put(directory, "SOUL.md", "# " + profile + "\n", now);
        if (!plan.last_state.empty()) {
            world.files.put(directory, "gateway_state.json",
                            "{\"gateway_state\": \"" + plan.last_state + "\"}\n", now);
        }
        beliefs_.emplace(profile, Belief(Wish{.wanted_up = plan.last_state == "running",
                                              .registered = plan.kind != Kind::host}));
    }
    if (plan.kind == Kind::host) {
        world.files.make_path(wants_directory, now);
    }
    world.files.flush_volume();
    world.files.make_path("/run/1", now);
    world.files.make_path("/run/2", now);
    world.adversities_left = plan.adversities;
    world.on_end = [this](Process& process) {
        if (process.exit_signal == SIGKILL && process.argv.size() == 5 &&
            process.argv[1] == "run") {
            ++crashes_[process.argv.back()]; // nobody can tell such an end from one by itself
        }
        for (auto& one : typed_) {
            if (one.process.get() == &process && !one.ended) {
                one.ended = true;
                beliefs_.at(one.profile).cut_short(one.operation);
            }
        }
    };
}

Game::~Game() {
    world.cut_power(); // who is a ghost by now may still ask for settings
    the_game() = nullptr;
}

Member& Game::member_of(const Process& process) {
    return process.container == second.container ? second : first;
}

void Game::boot(Member& where) {
    world.tell(fmt::format("container {} boots", where.container));
    Files::wipe(world.files.make_path(fmt::format("/run/{}", where.container), world.wall()));
    where.init =
        plan.kind == Kind::host
            ? world.spawn(where.container, 0, {"systemd"}, "systemd", play_systemd)
            : world.spawn(where.container, 0, {"init"}, "init", [&where] { play_init(where); });
    where.init->fragile = false;
    if (where.container == first.container) {
        for (auto& [profile, belief] : beliefs_) {
            belief.booted();
        }
    }
}

ProcessPtr Game::spawn_typed(const Member& where, const Argv& words,
                             const std::vector<std::string>& profiles, Micros latest,
                             const std::function<void()>& body) {
    const auto delay = static_cast<Micros>(world.chance.draw(static_cast<std::uint64_t>(latest)));
    const auto begins = world.now() + delay;
    Argv argv{"gatewayctl"};
    argv.insert(argv.end(), words.begin(), words.end());
    auto process = world.spawn(where.container, 1, argv, fmt::format("{}", fmt::join(words, " ")),
                               [this, body, begins] {
                                   world.sleep(begins - world.now());
                                   body();
                               });
    process->environment["HERMES_HOME"] = "/data";
    for (const auto& profile : profiles) {
        typed_.push_back({process, profile, -1, true});
    }
    return process;
}

ProcessPtr Game::type(Member& where, Verb verb, const std::string& profile, Micros latest) {
    return spawn_typed(where, {std::string(word_of(verb)), profile}, {profile}, latest,
                       [=, this, &where] { play_operation(where, verb, profile); });
}

namespace {

Result<reconcile::Pass> pass_over(const Settings& settings) {
    const auto home = store::Home::open(settings.home);
    sys::SystemEffects effects(complain);
    return home ? reconcile::run_pass(effects, *home, settings, reconcile::AfterPass::ends)
                : std::unexpected(home.error());
}

} // namespace

void Game::type_pass(Micros latest) {
    spawn_typed(first, {"reconcile"}, plan.profiles, latest, [this] { play_typed_pass(); });
}

std::vector<Game::Typed*> Game::typed_by_caller() {
    std::vector<Typed*> mine;
    for (auto& one : typed_) {
        if (one.process.get() == caller()) {
            mine.push_back(&one);
        }
    }
    return mine;
}

void Game::play_typed_pass() {
    for (auto* one : typed_by_caller()) {
        one->operation = beliefs_.at(one->profile).begun(Verb::pass);
        one->ended = false;
    }
    world.tell("typed: reconcile");
    const auto pass = pass_over(first.settings);
    if (!caller()->alive) {
        return;
    }
    world.tell(pass ? "reconcile: done" : "reconcile: error: " + pass.error().message);
    for (auto* one : typed_by_caller()) {
        one->ended = true;
        auto& belief = beliefs_.at(one->profile);
        if (pass && !pass->report.failed()) {
            (void)belief.accepted(one->operation);
        } else {
            belief.uncertain(one->operation);
        }
    }
}

namespace {

/// systemctl's own command for a unit.
Result<void> carry_out_bare(const operate::Operator& by, Verb verb, const ProfileName& profile) {
    const char* word = verb == Verb::bare_start  ? "start"
                       : verb == Verb::bare_stop ? "stop"
                                                 : "restart";
    const auto answer = run_tool({"systemctl", word, "--", unit_of(by.settings, profile)});
    return answer.code == 0 ? Result<void>{} : fail(Errc::command_failed, answer.err);
}

Result<void> carry_out(const operate::Operator& by, Verb verb, const ProfileName& profile) {
    const operate::OperationOptions options{};
    if (is_bare(verb)) {
        return carry_out_bare(by, verb, profile);
    }
    const bool on_host = !by.manager.traits().registers;
    if (on_host && verb == Verb::enrol) {
        return operate::install(by, profile, {});
    }
    switch (verb) {
    case Verb::start:
        return operate::watch_one(by, operate::begin_start(by, profile), options);
    case Verb::stop:
        return operate::watch_one(by, operate::begin_stop(by, profile), options);
    case Verb::restart:
        return operate::watch_one(by, operate::begin_restart(by, profile), options);
    case Verb::enrol: {
        const auto done = operate::register_profile(by, profile, {});
        const bool there = done || done.error().code == Errc::conflict;
        return there ? Result<void>{} : std::unexpected(done.error());
    }
    default:
        break;
    }
    const auto done = operate::unregister_profile(by, profile, options);
    return done ? Result<void>{} : std::unexpected(done.error());
}

} // namespace

void Game::play_operation(const Member& where, Verb verb, const std::string& name) {
    const bool lived = lives_of(name) > 0;
    const int operation = beliefs_.at(name).begun(verb);
    typed_by_caller().front()->operation = operation;
    typed_by_caller().front()->ended = false;
    world.tell(fmt::format("typed in container {}: {} {}", where.container, word_of(verb), name));
    const auto home = store::Home::open(where.settings.home);
    const auto manager =
        home ? supervise::make_manager(*home, where.settings) : std::unexpected(home.error());
    Result<void> done = manager ? Result<void>{} : std::unexpected(manager.error());
    if (manager) {
        sys::SystemEffects effects(complain);
        done =
            carry_out({**manager, *home, where.settings, effects}, verb, *ProfileName::parse(name));
    }
    if (!caller()->alive) {
        return;
    }
    if (world.keeps_story) {
        world.tell(fmt::format("{} {}: {}", word_of(verb), name,
                               done ? "done" : "error: " + done.error().message));
    }
    typed_by_caller().front()->ended = true;
    auto& belief = beliefs_.at(name);
    if (done) {
        const bool alone = belief.accepted(operation);
        if ((verb == Verb::stop && belief.is_certain()) || (verb == Verb::bare_stop && alone)) {
            judge_stop(name, lived);
        }
    } else {
        belief.uncertain(operation);
    }
}

void Game::judge_stop(const std::string& profile, bool lived) {
    if (lives_of(profile) > 0) {
        world.violated("an accepted stop of '" + profile + "' has left a gateway alive");
    }
    if (is_calm() && lived && !says_stopped(profile)) {
        world.violated("the planned stop of '" + profile + "' was taken for another end");
    }
}

bool Game::is_calm() const {
    return plan.adversities == 0 && crashes_.empty() && !plan.foreign_writer;
}

bool Game::says_stopped(const std::string& profile) const {
    const auto state = world.files.find("/data/profiles/" + profile + "/gateway_state.json");
    return state && state->bytes.find("\"gateway_state\":\"stopped\"") != std::string::npos;
}

int Game::lives_of(const std::string& profile) const {
    return static_cast<int>(
        std::count_if(world.processes().begin(), world.processes().end(), [&](const auto& one) {
            return one->alive && one->argv.size() == 2 && one->argv[0] == "program" &&
                   one->argv[1] == profile;
        }));
}

void Game::gateway_begins(const std::string& profile) {
    if (world.keeps_story) {
        world.tell(fmt::format("the gateway of {} begins in container {} (pid {})", profile,
                               caller()->container, caller()->pid));
    }
    if (lives_of(profile) > 1) {
        world.violated("two gateways of '" + profile + "' live at once");
    }
    if (world.files.find("/data/profiles/" + profile + "/state/gateway.parked.json")) {
        world.violated("a parked gateway was started: " + profile);
    }
}

void Game::gateway_crashed(const std::string& profile) {
    --plan.crashes;
    ++crashes_[profile];
    world.tell("the gateway of " + profile + " crashes");
}

namespace {

Result<void> install_again(const Settings& settings) {
    const auto home = store::Home::open(settings.home);
    const auto manager =
        home ? supervise::make_manager(*home, settings) : std::unexpected(home.error());
    const auto installed = manager
                               ? (*manager)->list()
                               : Result<std::vector<ProfileName>>(std::unexpected(manager.error()));
    if (!installed) {
        return std::unexpected(installed.error());
    }
    sys::SystemEffects effects(complain);
    for (const auto& profile : *installed) {
        if (auto done = operate::install({**manager, *home, settings, effects}, profile, {});
            !done) {
            return done;
        }
    }
    return {};
}

} // namespace

void Game::play_pass(bool& done) {
    if (plan.kind == Kind::host) {
        world.spawn(first.container, 1, {"gatewayctl", "install"}, "gatewayctl install",
                    [this, &done] {
                        if (const auto pass = install_again(first.settings); !pass) {
                            world.violated("a calm install fails: " + pass.error().message);
                        }
                        done = true;
                    });
        return;
    }
    world.spawn(first.container, 1, {"gatewayctl", "reconcile"}, "gatewayctl reconcile",
                [this, &done] {
                    if (const auto pass = pass_over(first.settings); !pass) {
                        world.violated("a calm pass fails: " + pass.error().message);
                    }
                    done = true;
                });
}

void Game::forget_typed() {
    for (const auto& one : typed_) {
        if (!one.ended) {
            beliefs_.at(one.profile).cut_short(one.operation);
        }
    }
    typed_.clear();
}

void Game::until_typed() {
    const auto all_ended = [this] {
        return std::none_of(typed_.begin(), typed_.end(),
                            [](const auto& one) { return one.process->alive; });
    };
    (void)world.run_until(all_ended, world.now() + 600 * one_second);
}

void Game::rest(Micros span) {
    (void)world.run_until([] { return false; }, world.now() + span);
}

/// The engine's stop: SIGTERM to the init, and SIGKILL to all at the end of the grace.
void Game::stop_container(Member& where, Micros grace) {
    world.tell(fmt::format("container {} is stopped, with {} ms", where.container, grace / 1000));
    world.signal(*where.init, SIGTERM);
    (void)world.run_until([&] { return !where.init->alive; }, world.now() + grace);
    if (!world.power_was_cut()) {
        world.tell(fmt::format("container {} is killed", where.container));
        world.kill_container(where.container);
    }
}

void Game::shut_down(Micros grace) {
    world.tell(fmt::format("the host is shut down, with {} ms", grace / 1000));
    std::vector<std::string> lived;
    std::copy_if(plan.profiles.begin(), plan.profiles.end(), std::back_inserter(lived),
                 [this](const auto& profile) { return lives_of(profile) > 0; });
    world.signal(*first.init, SIGTERM);
    const bool is_off = world.run_until([&] { return !first.init->alive; }, world.now() + grace);
    for (const auto& profile : lived) {
        if (is_off && is_calm() && says_stopped(profile)) {
            world.violated("a shutdown was taken for a stop of '" + profile + "'");
        }
    }
    if (!world.power_was_cut()) {
        world.tell(is_off ? "the host is off" : "somebody holds the power button");
        world.cut_power();
    }
}

void Game::furnish() {
    furnished_ = true;
    const int left = std::exchange(world.adversities_left, 0);
    for (const auto& profile : plan.profiles) {
        if (world.chance.draw(8) != 0) {
            type(first, Verb::enrol, profile, 0);
        }
    }
    until_typed();
    world.adversities_left = left;
}

} // namespace gw::simulation
