#include "cli/command_line.hpp"

#include "cli/output.hpp"
#include "cli/parser.hpp"
#include "sys/caller.hpp"
#include "sys/command.hpp"
#include "sys/self.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <unistd.h>

namespace gw::cli {

namespace {

using Function = std::variant<Look, Change>;

/// The one place of the program where the right to change something comes into being: a verb whose
/// row only looks gets none.
int dispatch(const Function& function, Context& context, const Words& words) {
    if (const auto* look = std::get_if<Look>(&function)) {
        return (*look)(context, words);
    }
    sys::SystemEffects effects(sys::log_warning);
    context.allow_changes(effects);
    return std::get<Change>(function)(context, words, effects);
}

/// nullopt: it is another program's.
std::optional<Function> function_of(const Verb& verb, std::span<const CarriedOut> here) {
    const auto carried_out = std::ranges::find(here, verb.full_name(), &CarriedOut::full_name);
    if (carried_out != here.end()) {
        return carried_out->function;
    }
    if (const auto* look = std::get_if<Look>(&verb.function)) {
        return *look;
    }
    const auto* change = std::get_if<Change>(&verb.function);
    return change != nullptr ? std::optional<Function>(*change) : std::nullopt;
}

/// Becomes the other program, with the same words: it reads them by the same table.
int hand_over(const OtherProgram& other, std::span<char* const> words) {
    Argv argv{sys::program_beside(std::string(other.name))};
    argv.insert(argv.end(), words.begin() + 1, words.end());
    auto error = sys::replace_self(argv);
    error.code = Errc::bad_config;
    return report_error(std::move(error).advise(other.install));
}

/// Also in a line that could not be read to its end; what follows `--` is another program's.
bool asks_for_json(int argc, char** argv) {
    const std::span words(argv, static_cast<std::size_t>(argc));
    const auto end = std::find(words.begin(), words.end(), std::string_view("--"));
    return std::find(words.begin(), end, std::string_view("--json")) != end;
}

int run_line(int argc, char** argv, std::span<const CarriedOut> here) {
    (void)sys::caller();
    const auto line = parse_command_line(argc, argv);
    sys::start_log(line.globals.verbosity, wants_colour(line.globals.colour, STDERR_FILENO));
    answer_in_json(line.globals.json || asks_for_json(argc, argv));
    if (const auto* text = std::get_if<std::string>(&line.what)) {
        return print(*text) ? exit_status::done : exit_status::some_failed;
    }
    if (const auto* error = std::get_if<Error>(&line.what)) {
        return report_error(*error);
    }
    const auto& chosen = std::get<Chosen>(line.what);
    const auto function = function_of(*chosen.verb, here);
    if (!function) {
        return hand_over(std::get<OtherProgram>(chosen.verb->function),
                         {argv, static_cast<std::size_t>(argc)});
    }
    Context context(line.globals, chosen.verb->privilege);
    return dispatch(*function, context, chosen.words);
}

} // namespace

int run_command_line(int argc, char** argv, std::span<const CarriedOut> here) {
    try {
        return run_line(argc, argv, here);
    } catch (const std::exception& error) {
        return report_error({Errc::io, std::string("unexpected failure: ") + error.what(),
                             "gatewayctl -v with the same words, and report what it says"});
    }
}

} // namespace gw::cli
