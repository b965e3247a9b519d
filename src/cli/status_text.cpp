#include "base/signal_name.hpp"
#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/status_output.hpp"
#include "sys/clock.hpp"

#include <fmt/format.h>

namespace gw::cli {

using inspect::GatewayStatus;

std::string age_text(std::int64_t since) {
    const auto now = std::chrono::duration_cast<seconds>(sys::now().wall.time_since_epoch());
    return span_text(now - seconds{since});
}

std::string exit_text(const std::optional<LastExit>& exit) {
    if (!exit) {
        return "-";
    }
    return exit->signal ? signal_name(*exit->signal)
                        : fmt::format("code {}", exit->code.value_or(0));
}

std::string intent_text(const GatewayStatus& status) {
    const auto word = store::intent_word(status.intent.resolved);
    return word ? printable(*word) : "-";
}

std::string drain_text(const inspect::DrainProgress& drain) {
    return fmt::format("draining, {} of {} s", drain.elapsed.count(), drain.limit.count());
}

std::string coloured_state(const GatewayStatus& status, const Palette& palette) {
    const auto word = state_word(status);
    return inspect::is_in_trouble(status) || word == "restarting" ? palette.bad(word)
           : word == "running"                                    ? palette.good(word)
                                                                  : std::string(word);
}

namespace {

/// "stopped, generation 3, by gatewayctl stop (uid 10000 app) at 2026-…: operator, "why""
std::string intent_story(const GatewayStatus& status) {
    const auto& file = status.intent.intent_file;
    const auto by = provenance_of(status.intent.resolved, file);
    std::string text = intent_text(status);
    if (file.answer == FileAnswer::ok) {
        text += fmt::format(", generation {}", file.generation);
    }
    if (by) {
        text += fmt::format(", by {} ({})", printable(by->program), printable(to_text(by->author)));
        text += by->changed_at.empty() ? "" : " at " + printable(by->changed_at);
        text += ": " + printable(by->reason);
        text += by->note.empty() ? "" : ", \"" + printable(by->note) + "\"";
    }
    return text;
}

std::string_view yes_no(bool value) {
    return value ? "yes" : "no";
}

/// What the supervisor says.
std::string service_lines(const GatewayStatus& status, const Palette& palette) {
    const auto& service = status.service;
    std::string text = "State:      " + coloured_state(status, palette);
    if (service.process) {
        text += fmt::format(", pid {}", service.process->pid.value);
    }
    if (service.since) {
        text += fmt::format(", since {} ({})", utc_text(*service.since), age_text(*service.since));
    }
    text += fmt::format("\nRegistered: {}\nSupervised: {}\n", yes_no(service.registered),
                        yes_no(service.supervised));
    if (!service.unit.empty()) {
        text += fmt::format("Unit:       {}, {}\n", service.unit,
                            service.enabled == true ? "enabled" : "not enabled");
    }
    if (service.supervised) {
        text += fmt::format("Wants:      {}\n", service.wants_up ? "up" : "down");
    }
    if (service.up && service.ready) {
        text += fmt::format("Ready:      {}\n", yes_no(*service.ready));
    }
    if (status.drain) {
        text += fmt::format("Drain:      {}\n", drain_text(*status.drain));
    }
    return text;
}

/// What the next boot does, and the row of the table that says so.
std::string decision_line(const Decision& decision) {
    const auto& found =
        decision.evidence.empty() ? decision.detail : decision.evidence.back().value;
    return fmt::format("Next boot:  {}, {}: {}\n", to_string(decision.goal),
                       to_string(decision.reason), printable(found));
}

/// What the gateway and the tool wrote about it.
std::string record_lines(const GatewayStatus& status) {
    std::string text;
    if (status.intent.gateway.gateway_state) {
        text += fmt::format("Gateway:    {}\n", printable(*status.intent.gateway.gateway_state));
    }
    if (status.prior_exit != PriorExit::unknown) {
        text += fmt::format("Prior exit: {} {}\n", to_string(status.prior_exit),
                            printable(status.prior_exit_detail));
    }
    if (status.port) {
        text += fmt::format("Port:       {}\n", *status.port);
    }
    if (const auto& marker = status.pending_marker) {
        text += fmt::format("Marker:     {} asked for by {} (pid {}, {}){}\n",
                            printable(marker->reason), printable(marker->program),
                            marker->writer.value, printable(to_text(marker->author)),
                            marker->note.empty() ? "" : ": " + printable(marker->note));
    }
    return text;
}

} // namespace

std::string status_block(const GatewayStatus& status, const Palette& palette,
                         const std::vector<std::string>& log) {
    std::string text = fmt::format("Profile:    {}\n", status.profile.str());
    text += service_lines(status, palette);
    text += fmt::format("Intent:     {}\n", intent_story(status));
    text += status.decision ? decision_line(*status.decision) : "";
    text += fmt::format("Last exit:  {}\n", exit_text(status.service.last_exit));
    if (status.deaths.count > 0) {
        text += fmt::format("Deaths:     {} of {}\n", status.deaths.count, status.death_budget);
    }
    text += record_lines(status);
    for (const auto& finding : status.findings) {
        text += "Note:       " + printable(to_line(finding)) + "\n";
    }
    for (const auto& line : log) {
        text += "Log:        " + palette.dim(printable(line)) + "\n";
    }
    return text;
}

} // namespace gw::cli
