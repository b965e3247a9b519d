#include "fleet/tools.hpp"

#include "base/json_fields.hpp"
#include "base/text.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "sys/log.hpp"

#include <algorithm>

namespace gw::fleet {

namespace {

/// A pass has no time of its own; one that hangs in the volume must not be the last.
constexpr milliseconds longest_pass{10 * 60 * 1000};
/// A verb ends by itself when its time is over; this is for one that hangs.
constexpr milliseconds kill_patience{30'000};

} // namespace

Tools::Tools(sys::Effects& effects, Argv common, std::string home, seconds drain_timeout)
    : effects_(effects), common_(std::move(common)), home_(std::move(home)),
      drain_timeout_(drain_timeout) {}

Tools::~Tools() {
    threads_.join();
}

Task<Result<sys::CommandOutput>> Tools::run(std::vector<std::string> words, milliseconds deadline) {
    auto argv = common_;
    argv.insert(argv.end(), words.begin(), words.end());
    const auto in_thread = [](sys::Effects& effects, Argv of,
                              milliseconds within) -> Task<Result<sys::CommandOutput>> {
        co_return effects.run(of, within);
    };
    co_return co_await boost::asio::co_spawn(threads_, in_thread(effects_, argv, deadline),
                                             boost::asio::use_awaitable);
}

Task<bool> Tools::run_and_tell(std::vector<std::string> words, milliseconds deadline) {
    const auto verb = words.front();
    const auto done = co_await run(std::move(words), deadline);
    if (!done) {
        sys::log_error(Error(done.error()).within("gatewayctl " + verb));
        co_return false;
    }
    for (const auto& text : {done->out, done->err}) {
        if (!trimmed(text).empty()) {
            sys::log_info(verb + ": " + std::string(trimmed(text)));
        }
    }
    co_return done->exit_code == 0;
}

Task<FleetAnswer> Tools::carry_out(FleetAsk ask) {
    std::vector<std::string> words = {"--json"};
    const auto verb = words_of(ask);
    words.insert(words.end(), verb.begin(), verb.end());
    const auto limit = parse_drain_timeout(ask.timeout).value_or(stop_deadline(drain_timeout_));
    const auto done = co_await run(std::move(words), milliseconds(limit) + kill_patience);
    FleetAnswer answer;
    if (!done) {
        answer.status = exit_status_of(done.error().code);
        answer.error = done.error().message;
        co_return answer;
    }
    answer.status = done->exit_code;
    const auto said = parse_json_object(done->out);
    const auto results = said ? said->find("results") : Json::const_iterator();
    if (said && results != said->end() && results->is_array() && !results->empty() &&
        results->front().is_object()) {
        const auto& result = results->front();
        answer.outcome = text_field(result, "outcome");
        answer.error = text_field(result, "error");
        answer.next = text_field(result, "next");
    } else if (done->exit_code != 0) {
        answer.error = shortened(trimmed(done->err));
    }
    co_return answer;
}

Task<bool> Tools::reconcile() {
    std::vector<std::string> words = {"reconcile"};
    co_return co_await run_and_tell(std::move(words), longest_pass);
}

Task<bool> Tools::drain(const std::vector<std::string>& profiles) {
    const auto limit = kill_timeout(drain_timeout_);
    // Whoever has the places next, this member or its next agent, finds them down and makes a pass.
    std::vector<std::string> words = {"drain", "--until-pass", "--timeout",
                                      std::to_string(limit.count())};
    words.insert(words.end(), profiles.begin(), profiles.end());
    co_return co_await run_and_tell(std::move(words), stop_deadline(drain_timeout_));
}

Task<Result<std::vector<std::string>>> Tools::profiles() {
    using Names = Result<std::vector<std::string>>;
    const auto in_thread = [](std::string path) -> Task<Names> {
        const auto home = store::Home::open(path);
        if (!home) {
            co_return std::unexpected(home.error());
        }
        const auto listing = home->profiles();
        if (listing.incomplete) {
            co_return fail(Errc::io, "the directory of profiles cannot be read");
        }
        std::vector<std::string> names;
        for (const auto& name : listing.names) {
            names.push_back(name.str());
        }
        std::ranges::sort(names);
        co_return names;
    };
    co_return co_await boost::asio::co_spawn(threads_, in_thread(home_),
                                             boost::asio::use_awaitable);
}

} // namespace gw::fleet
