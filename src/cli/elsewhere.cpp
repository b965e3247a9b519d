#include "cli/elsewhere.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "operate/fleet_program.hpp"
#include "own/ownership.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// Beyond the time that it has itself: for one that hangs.
constexpr milliseconds beyond{60'000};

Argv words_for(const operate::Operator& by, std::string_view verb, const ProfileName& profile,
               const Words& words) {
    auto argv = operate::fleet_program(by.home.path(), by.settings);
    argv.insert(argv.end(), {"ask", std::string(verb), profile.str()});
    for (const auto* flag : {"--force", "--no-wait"}) {
        if (words.has(flag)) {
            argv.emplace_back(flag);
        }
    }
    if (const auto reason = words.value("--reason")) {
        argv.push_back("--reason=" + *reason);
    }
    if (const auto timeout = words.number("--timeout")) {
        argv.push_back(fmt::format("--timeout={}", *timeout));
    }
    return argv;
}

Errc code_of(int status) {
    for (const auto code : {Errc::timed_out, Errc::not_permitted, Errc::not_registered,
                            Errc::no_manager, Errc::bad_config, Errc::usage}) {
        if (exit_status_of(code) == status) {
            return code;
        }
    }
    return Errc::command_failed;
}

} // namespace

bool is_elsewhere(const operate::Operator& by, const ProfileName& profile) {
    return by.settings.fleet && own::ownership_of(by.home, by.settings, profile)->look().kind ==
                                    Standing::Kind::elsewhere;
}

Result<Outcome> ask_there(const operate::Operator& by, std::string_view verb,
                          const ProfileName& profile, const Words& words) {
    const auto limit = timeout_of(words).value_or(stop_deadline(by.settings.drain_timeout));
    const auto done = by.effects.run(words_for(by, verb, profile, words), limit + beyond);
    if (!done) {
        return std::unexpected(done.error());
    }
    const auto answer = parse_json_object(done->out);
    if (!answer) {
        return fail(code_of(done->exit_code),
                    "the member that has it cannot be asked: " +
                        std::string(trimmed(shortened(done->err))),
                    "gatewayctl fleet status");
    }
    const auto member = text_field(*answer, "member");
    return done->exit_code == exit_status::done
               ? Result<Outcome>(Outcome{text_field(*answer, "outcome"), "in " + member})
               : fail(code_of(done->exit_code), member + ": " + text_field(*answer, "error"),
                      text_field(*answer, "next"));
}

} // namespace gw::cli
