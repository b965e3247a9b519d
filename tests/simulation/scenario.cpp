#include "scenario.hpp"

#include "calls.hpp"
#include "chances.hpp"
#include "game.hpp"
#include "systemd.hpp"

#include "supervise/host/systemctl.hpp"

#include <algorithm>
#include <csignal>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace gw::simulation {

namespace {

constexpr Micros settled = 40'000'000;
const std::string profile = "a";                     // NOLINT(cert-err58-cpp)
const std::string slot = "/run/1/service/gateway-a"; // NOLINT(cert-err58-cpp)

void as_somebody(Game& game, const std::function<void()>& what) {
    const auto process = game.world.spawn(game.first.container, 1, {"somebody"}, "somebody", what);
    (void)game.world.run_until([&] { return !process->alive; }, game.world.now() + settled);
}

void signal_to(Game& game, const std::string& what, int number) {
    for (const auto& process : std::vector(game.world.processes())) {
        if (process->alive && process->what == what) {
            game.world.signal(*process, number);
        }
    }
}

void do_step(Game& game, const std::string& step) {
    for (const Verb verb : {Verb::start, Verb::stop, Verb::restart, Verb::enrol, Verb::dismiss,
                            Verb::bare_start, Verb::bare_stop, Verb::bare_restart}) {
        if (step == word_of(verb)) {
            game.type(game.first, verb, profile, 0);
            return game.until_typed();
        }
    }
    const std::string svc = "s6-svc ";
    if (step.starts_with(svc)) {
        as_somebody(game, [&] { (void)run_tool({"s6-svc", step.substr(svc.size()), slot}); });
    } else if (step == "kill s6-supervise") {
        signal_to(game, "s6-supervise of gateway-a", SIGKILL);
    } else if (step == "kill run") {
        signal_to(game, "run of a", SIGKILL);
    } else if (step == "fail run") {
        for (int i = 0; i < game.first.settings.death_budget; ++i) {
            signal_to(game, "run of a", SIGKILL);
            game.rest(settled);
        }
    } else if (step == "term run") {
        signal_to(game, "run of a", SIGTERM);
    } else if (step == "reboot") {
        game.shut_down(settled);
        game.world.power_is_back();
        game.boot(game.first);
    }
}

std::string intent_in(const Files& files) {
    const auto intent = files.find("/data/profiles/a/.gateway-intent.json");
    const auto json = nlohmann::json::parse(intent ? intent->bytes : "{}", nullptr, false);
    return json.is_object() ? json.value("desired_state", "none") : "torn";
}

std::string answer_of_host(Game& game) {
    supervise::Properties seen;
    as_somebody(game, [&seen, &game] {
        const auto unit = unit_of(game.first.settings, *ProfileName::parse(profile));
        seen = supervise::parse_properties(systemctl({"systemctl", "show", "--", unit}).out);
    });
    return fmt::format("{} {} {} {} enabled={} lives={} intent={}", seen["LoadState"],
                       seen["ActiveState"], seen["SubState"],
                       seen["MainPID"] == "0" ? "no pid" : "a pid", seen["UnitFileState"],
                       game.lives_of(profile), intent_in(game.world.files));
}

std::string answer_of(Game& game) {
    if (game.plan.kind == Kind::host) {
        return answer_of_host(game);
    }
    std::string service = "none";
    as_somebody(game, [&service] {
        const auto told =
            run_tool({"s6-svstat", "-o",
                      "pid,up,wantedup,ready,exitcode,signum,updownfor,updownsince", slot});
        std::istringstream words(told.out);
        std::string pid;
        std::string up;
        std::string wanted;
        if (told.code == 0 && words >> pid >> up >> wanted) {
            service = fmt::format("up={} wanted={}", up, wanted);
        }
    });
    const auto& files = game.world.files;
    return fmt::format("{} down={} lives={} intent={}", service,
                       files.find(slot + "/down") != nullptr, game.lives_of(profile),
                       intent_in(files));
}

} // namespace

std::vector<std::string> play_scenario(Kind kind, const std::string& steps) {
    SetChance chance({}, SetChance::Unflushed::lost);
    World world(chance);
    Plan plan;
    plan.kind = kind;
    plan.adversities = 0;
    Game game(world, plan);
    game.boot(game.first);
    game.rest(settled);
    std::vector<std::string> answers;
    std::istringstream all(steps);
    for (std::string step; std::getline(all >> std::ws, step, ',');) {
        do_step(game, step);
        game.rest(settled);
        answers.push_back(answer_of(game));
    }
    return answers;
}

} // namespace gw::simulation
