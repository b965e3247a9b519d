#include "supervise/s6/svstat.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "rules/time_limits.hpp"
#include "supervise/s6/status_file.hpp"
#include "sys/command.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <vector>

namespace gw::supervise {

namespace {

bool is_boolean(std::string_view word) {
    return word == "true" || word == "false";
}

} // namespace

Result<ObservedService> parse_svstat(std::string_view line) {
    const auto words = words_of(line);
    constexpr std::size_t fields = 8;
    const auto nonsense = [&] {
        return fail(Errc::command_failed,
                    "s6-svstat answered nonsense: '" + printable(trimmed(line)) + "'",
                    "s6-svstat --help; is it the s6 of skarnet.org?");
    };
    if (words.size() != fields || !is_boolean(words[1]) || !is_boolean(words[2]) ||
        !is_boolean(words[3])) {
        return nonsense();
    }
    const auto pid = parse_number<std::int64_t>(words[0]);
    const auto exit_code = parse_number<std::int64_t>(words[4]);
    const auto signal = parse_number<std::int64_t>(words[5]);
    const auto seconds_since = parse_number<std::int64_t>(words[6]);
    if (!pid || !exit_code || !signal || !seconds_since || *pid > INT32_MAX) {
        return nonsense();
    }
    ObservedService seen;
    seen.registered = true;
    seen.supervised = true;
    seen.up = words[1] == "true";
    seen.wants_up = words[2] == "true";
    seen.ready = words[3] == "true";
    if (*pid > 0) {
        seen.process = ProcessIdentity{Pid{static_cast<std::int32_t>(*pid)}, std::nullopt};
    }
    if (*exit_code >= 0 || *signal > 0) {
        seen.last_exit = LastExit{};
        if (*signal > 0) {
            seen.last_exit->signal = static_cast<int>(*signal);
        } else {
            seen.last_exit->code = static_cast<int>(*exit_code);
        }
    }
    seen.change = words[7];     // a TAI64N label
    seen.since = seconds_since; // an age; the caller turns it into a time
    return seen;
}

bool was_commanded_down() {
    if (const auto here = sys::Directory::open(".")) {
        const auto status = sys::read_file(*here, "supervise/status", status_limit);
        if (const auto seen = parse_status_file(status.bytes)) {
            return !seen->wants_up;
        }
    }
    const auto answer = sys::query({"s6-svstat", "-o", "wantedup", "."}, tool_deadline);
    return answer && answer->exit_code == 0 && trimmed(answer->out) == "false";
}

} // namespace gw::supervise
