#include "rules/dry_run.hpp"

#include <fmt/format.h>

namespace gw {

namespace {

std::string of_start(const BeforeOperation& before) {
    if (before.process && before.wants_up) {
        return fmt::format("it is up already, pid {}", before.process->value);
    }
    if (before.process) {
        return fmt::format("it comes up once pid {} has ended", before.process->value);
    }
    return before.registered ? "it comes up" : "it is registered, and comes up";
}

/// Who is told to end, and how long that may take; nothing where nobody is there.
std::string ends_of(const BeforeOperation& before, std::chrono::seconds drain) {
    const auto first = before.process ? before.process : before.outside;
    if (!first) {
        return {};
    }
    const auto who = before.process && before.outside
                         ? fmt::format("pid {} and pid {}, which holds the profile besides it, get",
                                       first->value, before.outside->value)
                         : fmt::format("pid {} gets", first->value);
    return fmt::format("{} SIGTERM and up to {} s to drain", who, drain.count());
}

std::string of_process(Asked asked, const BeforeOperation& before, std::chrono::seconds drain) {
    if (asked == Asked::start) {
        return of_start(before);
    }
    const auto ends = ends_of(before, drain);
    if (asked == Asked::stop) {
        return ends.empty() ? "it is down already" : ends;
    }
    return ends.empty() ? "it is down, and comes up" : ends + ", and then its next life begins";
}

std::string_view word_of(Intent::Kind kind) {
    switch (kind) {
    case Intent::Kind::none:
        return "none";
    case Intent::Kind::running:
        return to_string(DesiredState::running);
    case Intent::Kind::stopped:
        return to_string(DesiredState::stopped);
    case Intent::Kind::unknown:
    case Intent::Kind::unreadable:
        break;
    }
    return "one that cannot be understood";
}

} // namespace

std::string_view to_string(Asked asked) {
    return asked == Asked::start ? "start" : asked == Asked::stop ? "stop" : "restart";
}

std::string foresee(Asked asked, const BeforeOperation& before, std::chrono::seconds drain) {
    const auto process = of_process(asked, before, drain);
    const auto wanted =
        to_string(asked == Asked::stop ? DesiredState::stopped : DesiredState::running);
    const auto now = word_of(before.intent);
    return now == wanted ? process
                         : fmt::format("{}; its intent becomes {} (now: {})", process, wanted, now);
}

} // namespace gw
