/// A game from beginning to end, and what must be true then.
#include "game.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

namespace gw::simulation {

namespace {

constexpr Micros one_second = 1'000'000;
/// The longest that a calm machine needs to become what was asked for: pauses between lives,
/// drains, looks.
constexpr Micros calm = 120 * one_second;
constexpr std::string_view of_a_process[] = {
    ".gateway-planned-stop.json", ".gateway-planned-end.json", // NOLINT
    ".gateway-takeover.json",     ".gateway-run.json",
    "gateway.lifecycle.json",     ".gateway-owner.json"};

} // namespace

void Game::play() {
    for (int i = 0; i < plan.boots && world.violation().empty(); ++i) {
        one_boot();
    }
    world.adversities_left = 0;
    if (world.violation().empty()) {
        judge_end();
    }
}

void Game::play_small(const std::vector<Verb>& verbs, const std::function<void(bool)>& arm) {
    boot(first);
    rest(3 * one_second);
    arm(true);
    for (const Verb verb : verbs) {
        type(first, verb, plan.profiles.front(), 0);
    }
    until_typed();
    arm(false);
    if (!world.power_was_cut() && world.violation().empty()) {
        rest(calm);
        judge_up(true);
        world.kill_container(first.container);
    }
    forget_typed();
    if (world.power_was_cut()) {
        world.power_is_back();
    }
    if (world.violation().empty()) {
        judge_end();
    }
}

void Game::one_boot() {
    boot(first);
    if (plan.kind == Kind::standby) {
        rest(static_cast<Micros>(world.chance.draw(4 * one_second)));
    }
    if (plan.second_member && !world.power_was_cut()) {
        boot(second);
    }
    if (plan.kind == Kind::host && !furnished_) {
        furnish();
    }
    const auto operations = world.chance.draw(static_cast<std::uint64_t>(plan.operations) + 1);
    for (std::uint64_t i = 0; i < operations; ++i) {
        type_something();
    }
    if (plan.foreign_writer) {
        const auto& profile = plan.profiles[world.chance.draw(plan.profiles.size())];
        world.spawn(first.container, 1, {"foreign"}, "a foreign writer",
                    [this, profile] { play_foreign_writer(profile); });
    }
    until_typed();
    if (!world.power_was_cut() && world.violation().empty() && world.chance.draw(2) == 0) {
        const int left = std::exchange(world.adversities_left, 0);
        rest(calm);
        judge_up(true);
        world.adversities_left = left;
    }
    if (world.violation().empty()) {
        end_of_boot();
    }
}

void Game::type_something() {
    // Those that only a host has are the last ones.
    constexpr Verb verbs[] = {
        Verb::start,      Verb::start,     Verb::stop, // NOLINT(modernize-avoid-c-arrays)
        Verb::stop,       Verb::restart,   Verb::restart,   Verb::enrol,       Verb::dismiss,
        Verb::bare_start, Verb::bare_stop, Verb::bare_stop, Verb::bare_restart};
    // What a change of the owner does to a profile that is registered meanwhile is not said.
    const std::size_t count = plan.kind == Kind::host      ? std::size(verbs)
                              : plan.kind == Kind::standby ? 6
                                                           : 8;
    if (plan.passes_are_typed && world.chance.draw(8) == 0) {
        type_pass(6 * one_second);
        return;
    }
    const Verb verb = verbs[world.chance.draw(count)];
    const auto& profile = plan.profiles[world.chance.draw(plan.profiles.size())];
    type(plan.second_member && world.chance.draw(4) == 0 ? second : first, verb, profile,
         6 * one_second);
}

/// A gateway of the field: reads its state, works, and puts it back as it knows it, without a lock.
void Game::play_foreign_writer(const std::string& profile) {
    const auto directory = world.files.find("/data/profiles/" + profile);
    for (int i = 0; i < 4; ++i) {
        world.sleep(static_cast<Micros>(world.chance.draw(2 * one_second)));
        const auto found = Files::find(directory, "gateway_state.json");
        auto state = nlohmann::ordered_json::parse(found ? found->bytes : "{}", nullptr, false);
        if (state.is_discarded()) {
            state = nlohmann::ordered_json::object();
        }
        world.sleep(static_cast<Micros>(world.chance.draw(one_second)));
        state["active_agents"] = i;
        if (world.files.find("/data/profiles/" + profile) == directory) {
            world.files.put(directory, "state.foreign", state.dump(), world.wall());
            Files::rename(directory, "state.foreign", directory, "gateway_state.json",
                          world.wall());
            world.tell("a foreign writer puts an old state of " + profile + " back");
        }
    }
}

void Game::end_of_host() {
    constexpr Micros patience = 400 * one_second;
    switch (world.chance.draw(4)) {
    case 0:
        world.tell("the power is cut");
        world.cut_power();
        break;
    case 1:
        shut_down(static_cast<Micros>(world.chance.draw(12 * one_second)));
        break;
    default:
        shut_down(patience);
        break;
    }
}

void Game::end_of_owner() {
    if (world.chance.draw(2) == 0) {
        stop_container(first, static_cast<Micros>(world.chance.draw(12 * one_second)));
    } else {
        world.tell("the container of the owner is killed");
        world.kill_container(first.container);
    }
    if (world.power_was_cut()) {
        return;
    }
    forget_typed();
    for (auto& [profile, belief] : beliefs_) {
        belief.booted();
    }
    const int left = std::exchange(world.adversities_left, 0);
    rest(calm);
    judge_up(false);
    world.adversities_left = left;
}

void Game::end_of_boot() {
    if (!world.power_was_cut() && plan.kind == Kind::standby) {
        end_of_owner();
    }
    if (!world.power_was_cut() && plan.kind == Kind::host) {
        end_of_host();
    }
    if (!world.power_was_cut()) {
        switch (world.chance.draw(3)) {
        case 0:
            world.tell("the power is cut");
            world.cut_power();
            break;
        case 1:
            stop_container(first, static_cast<Micros>(world.chance.draw(12 * one_second)));
            break;
        default:
            world.tell("the container is killed");
            world.kill_container(first.container);
            break;
        }
    }
    if (!world.power_was_cut() && plan.second_member) {
        world.kill_container(second.container);
    }
    forget_typed();
    if (world.power_was_cut()) {
        world.power_is_back();
    }
}

void Game::judge_end() {
    boot(first);
    rest(calm);
    judge_up(false);
    judge_files();
    judge_parked();
    judge_second_pass();
}

namespace {

std::string desired_in(const Files& files, const std::string& path) {
    const auto file = files.find("/data/profiles/" + path);
    const auto json = nlohmann::json::parse(file ? file->bytes : "{}", nullptr, false);
    return json.is_object() ? json.value("desired_state", "") : "";
}

bool has_torn_state(const Files& files, const std::string& profile) {
    const auto all = contents_of(files.find("/data/profiles/" + profile));
    return std::ranges::any_of(all, [](const auto& file) {
        return file.first.find("gateway_state.json.corrupt-") != std::string::npos;
    });
}

} // namespace

void Game::judge_up(bool of_this_life) {
    for (const auto& [profile, belief] : beliefs_) {
        if (of_this_life && !belief.is_certain()) {
            continue;
        }
        const int lives = lives_of(profile);
        const bool parked =
            world.files.find("/data/profiles/" + profile + "/state/gateway.parked.json") != nullptr;
        if (lives > 0 && !belief.may_be_up()) {
            world.violated("what the operator stopped has come back: " + profile);
        }
        if (lives == 0 && !belief.may_be_down() && !parked) {
            world.violated("what the operator did not stop has not come back: " + profile);
        }
        // The mirror alone is good enough: an adoption may have lost its other half with the power.
        const bool says_running =
            desired_in(world.files, profile + "/.gateway-intent.json") == "running" ||
            desired_in(world.files, profile + "/gateway_state.json") == "running";
        // A host has no pass that would compare the intent with what is enabled: of a verb that was
        // killed between the two either counts, and so does what was enabled by a state that a
        // power cut has torn since.
        const bool is_enough = plan.kind == Kind::host &&
                               (belief.is_half_done() || has_torn_state(world.files, profile));
        if (lives > 0 && !says_running && !is_enough) {
            world.violated("a gateway runs without an intent: " + profile);
        }
    }
}

/// What is not flushed by design: it speaks of a process, and no process outlives a power cut.
bool speaks_of_a_process(std::string_view path) {
    return std::any_of(std::begin(of_a_process), std::end(of_a_process),
                       [&](std::string_view name) { return path.ends_with(name); });
}

void Game::judge_files() {
    for (const auto& [path, bytes] : contents_of(world.files.find("/data"))) {
        const bool is_json = path.ends_with(".json") && !speaks_of_a_process(path);
        // A file of ours that was new and is empty says nothing; the foreign writer's own is as
        // good as it has written it.
        const bool is_empty = bytes.empty() && (path.ends_with(".gateway-service.json") ||
                                                path.ends_with(".gateway-intent.json"));
        const bool is_foreign = plan.foreign_writer && path.ends_with("gateway_state.json");
        if (is_json && !is_empty && !is_foreign && !nlohmann::json::accept(bytes)) {
            world.violated("a torn file: " + path);
        }
    }
}

void Game::judge_parked() {
    for (const auto& profile : plan.profiles) {
        for (const auto& [path, bytes] :
             contents_of(world.files.find("/data/profiles/" + profile))) {
            if (path.find("parked") != std::string::npos &&
                crashes_[profile] < first.settings.death_budget) {
                world.violated(fmt::format("'{}' is parked after {} crashes: {}", profile,
                                           crashes_[profile], bytes));
            }
        }
    }
}

namespace {

/// Everything but what is written because time goes on.
std::map<std::string, std::string> settled(const Files& files) {
    auto all = contents_of(files.find("/data"));
    for (const auto* place : {"/run", "/etc"}) {
        if (const auto found = files.find(place)) {
            all.merge(contents_of(found));
        }
    }
    std::erase_if(all,
                  [](const auto& file) { return file.first.find("logs/") != std::string::npos; });
    return all;
}

} // namespace

void Game::judge_second_pass() {
    if (!world.violation().empty()) {
        return;
    }
    // The first one sees what has become of the machine since its boot; the second finds nothing to
    // do.
    const auto pass = [this] {
        bool done = false;
        play_pass(done);
        (void)world.run_until([&done] { return done; }, world.now() + calm);
    };
    pass();
    const auto before = settled(world.files);
    pass();
    const auto after = settled(world.files);
    for (const auto& [path, bytes] : after) {
        const auto old = before.find(path);
        if (old == before.end() || old->second != bytes) {
            world.violated("a second pass has changed " + path);
        }
    }
    if (after.size() != before.size()) {
        world.violated("a second pass has removed something");
    }
}

} // namespace gw::simulation
