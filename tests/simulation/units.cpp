#include "units.hpp"

#include "game.hpp"
#include "players.hpp"

#include "base/text.hpp"
#include "operate/after_exit.hpp"
#include "operate/unit_hooks.hpp"
#include "run/gateway_run.hpp"
#include "run/supervision.hpp"
#include "store/home.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/self.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>

namespace gw::simulation {

namespace {

constexpr Micros one_second = 1'000'000;

/// The words of a line, without their quotes and the doubling that specifiers and variables need.
Argv words_in(std::string_view line) {
    Argv words;
    bool quoted = false;
    bool within = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ' ' && !quoted) {
            within = false;
            continue;
        }
        if (!within) {
            words.emplace_back();
            within = true;
        }
        if (c != '"') {
            const bool is_doubled = (c == '%' || c == '$') && line.substr(i + 1).starts_with(c);
            i += c == '\\' || is_doubled ? 1U : 0U;
            words.back() += line[i];
        }
    }
    return words;
}

std::set<int> numbers_in(std::string_view line) {
    std::set<int> numbers;
    for (const auto& word : words_in(line)) {
        numbers.insert(std::stoi(word));
    }
    return numbers;
}

Micros seconds_in(std::string_view text) {
    return std::stoll(std::string(text)) * one_second;
}

void understand(UnitFile& unit, std::string_view key, std::string_view value) {
    if (key == "Type") {
        unit.type = value;
    } else if (key == "Environment") {
        const auto word = words_in(value).at(0);
        const auto equals = word.find('=');
        unit.environment[word.substr(0, equals)] = word.substr(equals + 1);
    } else if (key == "ExecCondition") {
        unit.condition = words_in(value);
    } else if (key == "ExecStart") {
        unit.start = words_in(value);
    } else if (key == "ExecStop") {
        unit.stop = words_in(value.substr(value.starts_with('-') ? 1 : 0));
    } else if (key == "ExecStopPost") {
        unit.stop_post = words_in(value.substr(value.starts_with('-') ? 1 : 0));
    } else if (key == "Restart") {
        unit.restart = value;
    } else if (key == "RestartPreventExitStatus") {
        unit.prevents = numbers_in(value);
    } else if (key == "RestartForceExitStatus") {
        unit.forces = numbers_in(value);
    } else if (key == "SuccessExitStatus") {
        unit.succeeds = numbers_in(value);
    } else if (key == "RestartSec") {
        unit.restart_pause = seconds_in(value);
    } else if (key == "TimeoutStopSec") {
        unit.stop_limit = seconds_in(value);
    }
}

} // namespace

std::optional<UnitFile> parse_unit(std::string_view text) {
    UnitFile unit;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto equals = line.find('=');
        if (!line.starts_with('#') && equals != std::string_view::npos) {
            understand(unit, line.substr(0, equals), line.substr(equals + 1));
        }
    }
    return unit.start.empty() ? std::nullopt : std::optional(unit);
}

Argv expanded(const Argv& command, const Variables& variables) {
    Argv words;
    for (const auto& word : command) {
        const bool is_variable = word.starts_with('$') || word.starts_with('%');
        const auto found = is_variable ? variables.find(word) : variables.end();
        if (!is_variable) {
            words.push_back(word);
        } else if (found != variables.end()) {
            words.push_back(found->second);
        }
    }
    return words;
}

namespace {

void complain(std::string_view) {}

struct Opened {
    ProfileName name;
    store::Home home;
    sys::Directory directory;
    std::unique_ptr<own::Ownership> volume;
};

const Settings& settings_here() {
    return the_game()->first.settings;
}

Opened open_profile(const std::string& name) {
    auto profile = ProfileName::parse(name);
    auto home = store::Home::open(settings_here().home);
    auto directory = profile && home ? home->require(*profile)
                                     : Result<sys::Directory>(std::unexpected(Error{}));
    if (!directory) {
        the_world()->exit(111);
    }
    return {*profile, std::move(*home), std::move(*directory), nullptr};
}

/// src/cli/run.cpp.
void play_run(const Argv& argv) {
    auto signals = sys::SignalEvents::open();
    const auto& name = argv.back();
    const auto place = open_profile(name);
    run::RunOptions options;
    options.command = {"program", name};
    options.drain_timeout = [] { return settings_here().drain_timeout; };
    run::fit_to_supervisor(sys::environment, options);
    const auto volume = own::ownership_of(place.home, settings_here());
    sys::SystemEffects effects(complain);
    const auto code = run::run_gateway(effects, *signals, *volume, place.directory, options);
    the_world()->exit(code ? *code : 1);
}

/// src/cli/unit_hooks.cpp.
void play_unit_start(const std::string& name) {
    const auto place = open_profile(name);
    the_world()->exit(operate::stays_parked(place.directory, place.name) ? 1 : 0);
}

void play_unit_stop(const std::string& name, int pid) {
    sys::SystemEffects effects(complain);
    const auto open = [&name]() -> Result<sys::Directory> {
        return std::move(open_profile(name).directory);
    };
    const auto done = operate::mark_unit_stop(effects, Scope::system, open, Pid{pid});
    the_world()->exit(done ? 0 : 1);
}

void play_unit_exit(const std::string& name, const Argv& words) {
    const bool told = words.size() == 4; // --unit UNIT CODE STATUS
    auto end = told ? operate::parse_unit_end(words[2], words[3]) : std::nullopt;
    if (!end) {
        the_world()->exit(0);
    }
    end->commanded = supervise::was_commanded_down(Scope::system, words[1]).value_or(false);
    const auto place = open_profile(name);
    const auto volume = own::ownership_of(place.home, settings_here());
    sys::SystemEffects effects(complain);
    const auto next = operate::after_exit(
        effects, {place.directory, place.name, *volume, settings_here().death_budget}, *end,
        operate::Pausing::by_supervisor);
    the_world()->exit(next ? 0 : 1);
}

} // namespace

void play_unit_command(const Argv& argv) {
    if (argv.at(1) == "run") {
        return play_run(argv);
    }
    const auto hook = std::find_if(argv.begin(), argv.end(),
                                   [](const auto& word) { return word.starts_with("unit-"); });
    const auto& name = *(hook - 1);
    const Argv rest(hook + 1, argv.end());
    if (*hook == "unit-start") {
        play_unit_start(name);
    } else if (*hook == "unit-stop") {
        play_unit_stop(name, std::stoi(rest.at(1)));
    } else {
        play_unit_exit(name, rest);
    }
}

} // namespace gw::simulation
