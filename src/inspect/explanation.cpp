#include "inspect/explanation.hpp"

#include "base/signal_name.hpp"
#include "base/time_words.hpp"

#include <fmt/format.h>

namespace gw::inspect {

namespace {

Finding statement(const char* about, const GatewayStatus& status, std::string what,
                  std::string evidence, std::string cure = {}) {
    return {about,           status.profile.str(), std::move(what), std::move(evidence),
            std::move(cure), Severity::note};
}

std::string command(std::string_view verb, const GatewayStatus& status) {
    return fmt::format("gatewayctl {} {}", verb, status.profile.str());
}

/// ", since 2026-… (3 h)"
std::string since_text(const ObservedService& service, const Viewpoint& from) {
    if (!service.since) {
        return {};
    }
    const auto now = std::chrono::duration_cast<seconds>(from.now.wall.time_since_epoch());
    return fmt::format(", since {} ({})", utc_text(*service.since),
                       span_text(now - seconds{*service.since}));
}

/// "restarting" and its like, as sentences.
std::string state_sentence(const GatewayStatus& status) {
    const auto word = state_word(status);
    const auto& name = status.profile.str();
    const auto pid = status.service.process ? status.service.process->pid.value : 0;
    if (status.drain) {
        return fmt::format("{} finishes its work: {} of {} s", name, status.drain->elapsed.count(),
                           status.drain->limit.count());
    }
    if (word == "running" || word == "starting" || word == "stopping") {
        return fmt::format("{} is {}, pid {}", name, word == "running" ? "up" : word, pid);
    }
    if (word == "restarting") {
        return fmt::format("{} is down between two lives", name);
    }
    if (word == "unsupervised") {
        return fmt::format("{} is registered, and nothing supervises it", name);
    }
    if (word == "unregistered") {
        return fmt::format("{} is not registered: no supervisor knows it", name);
    }
    if (word == "foreign") {
        return fmt::format("the name of {} is taken by what is not ours", name);
    }
    return word == "unknown" ? fmt::format("it cannot be told whether {} is up", name)
                             : fmt::format("{} is down", name);
}

Finding now_statement(const GatewayStatus& status, const Viewpoint& from) {
    const auto& service = status.service;
    const auto& label = from.manager.traits().label;
    std::string evidence;
    if (status.service_error) {
        evidence = status.service_error->message;
    } else if (!service.registered) {
        evidence = fmt::format("{} has no {} for it", label, from.manager.traits().service_word);
    } else if (!service.supervised) {
        evidence = label + " does not watch it";
    } else {
        const bool is_awaited = service.up && service.ready == false;
        evidence = fmt::format("{} {} it up{}", label, service.wants_up ? "wants" : "does not want",
                               is_awaited ? "; it has not said that it is ready" : "");
    }
    return statement(topic::now, status, state_sentence(status) + since_text(service, from),
                     std::move(evidence));
}

/// Who asked for it, in words: "gatewayctl stop (uid 0 root) at …: "too loud"".
std::string author_text(const Provenance& by) {
    auto text = by.program;
    const auto author = to_text(by.author);
    text += author.empty() ? "" : " (" + author + ")";
    text += by.changed_at.empty() ? "" : " at " + by.changed_at;
    return text + (by.note.empty() ? "" : ": \"" + by.note + "\"");
}

std::string intent_evidence(const GatewayStatus& status) {
    const auto& file = status.intent.intent_file;
    switch (file.answer) {
    case FileAnswer::ok:
        return fmt::format(".gateway-intent.json, generation {}, reason {}", file.generation,
                           file.provenance.reason.empty() ? "-" : file.provenance.reason);
    case FileAnswer::absent:
        return "there is no .gateway-intent.json";
    default:
        return ".gateway-intent.json cannot be used";
    }
}

Finding intent_statement(const GatewayStatus& status) {
    const auto& intent = status.intent.resolved;
    const auto by = provenance_of(intent, status.intent.intent_file);
    const auto who = by ? author_text(*by) : std::string();
    std::string what;
    std::string change;
    switch (intent.kind) {
    case Intent::Kind::none:
        what = "nobody has said whether it should run";
        change = command("start", status);
        break;
    case Intent::Kind::running:
        what = "it is wanted up, by " + who;
        change = command("stop", status);
        break;
    case Intent::Kind::stopped:
        what = "it is wanted down, by " + who;
        change = command("start", status);
        break;
    case Intent::Kind::unknown:
        what = fmt::format("what is wanted is '{}', a word that nobody knows", intent.text);
        change = command("start", status);
        break;
    case Intent::Kind::unreadable:
        what = "what is wanted cannot be read";
        break;
    }
    return statement(topic::intent, status, std::move(what), intent_evidence(status),
                     std::move(change));
}

/// nullopt while nothing is known of an end.
std::optional<Finding> end_statement(const GatewayStatus& status) {
    const auto& record = status.traces.record;
    const auto& exit = status.service.last_exit;
    const bool knows = status.prior_exit != PriorExit::unknown || !status.prior_exit_detail.empty();
    if (status.service.up || (!knows && !exit)) {
        return std::nullopt;
    }
    std::string what = status.prior_exit == PriorExit::clean     ? "its last life ended in order"
                       : status.prior_exit == PriorExit::unclean ? "its last life was cut off"
                                                                 : "its last life has ended";
    what += record.ended_at ? " at " + to_rfc3339(*record.ended_at) : "";
    what += status.prior_exit_detail.empty() ? "" : ": " + status.prior_exit_detail;
    std::string evidence = record.phase == LifeRecord::Phase::none ? "no record of it was kept"
                                                                   : "state/gateway.lifecycle.json";
    if (exit) {
        evidence += "; its supervisor saw " +
                    (exit->signal ? signal_name(*exit->signal)
                                  : fmt::format("code {}", exit->code.value_or(0)));
    }
    return statement(topic::last_end, status, std::move(what), std::move(evidence));
}

Finding boot_statement(const GatewayStatus& status) {
    const auto& decision = *status.decision;
    const auto verb = decision.goal == SlotGoal::up       ? "brings it up"
                      : decision.goal == SlotGoal::down   ? "leaves it down"
                      : decision.goal == SlotGoal::absent ? "makes no slot for it"
                                                          : "does not touch it";
    const auto& row = decision.evidence.back();
    return statement(topic::next_boot, status,
                     fmt::format("the next boot {}, because of '{}': {}", verb,
                                 to_string(decision.reason), row.value),
                     fmt::format("row {} of the decision; no row before it matches", row.row),
                     decision.goal == SlotGoal::up ? command("stop", status) : std::string());
}

Finding host_boot_statement(const GatewayStatus& status, const Viewpoint& from) {
    const bool up = status.service.enabled == true;
    return statement(topic::next_boot, status,
                     fmt::format("the next boot {}", up ? "brings it up" : "leaves it down"),
                     fmt::format("{}: its {} is {}", from.manager.traits().label,
                                 from.manager.traits().service_word,
                                 up ? "enabled" : "not enabled"));
}

} // namespace

std::vector<Finding> explain(const GatewayStatus& status, const Viewpoint& from,
                             const std::vector<std::string>& log) {
    std::vector<Finding> story = {now_statement(status, from)};
    if (status.has_directory) {
        story.push_back(intent_statement(status));
    }
    if (auto end = end_statement(status)) {
        story.push_back(std::move(*end));
    }
    if (!log.empty()) {
        story.push_back(statement(topic::log, status, "it said last: " + log.back(),
                                  fmt::format("the last of {} lines", log.size()),
                                  command("logs", status)));
    }
    if (status.decision) {
        story.push_back(boot_statement(status));
    } else if (status.service.registered && status.service.enabled) {
        story.push_back(host_boot_statement(status, from));
    }
    story.insert(story.end(), status.findings.begin(), status.findings.end());
    return story;
}

} // namespace gw::inspect
