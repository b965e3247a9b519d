#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/output.hpp"
#include "cli/status_output.hpp"

namespace gw::cli {

using inspect::GatewayStatus;

namespace {

Json intent_json(const GatewayStatus& status) {
    const auto& file = status.intent.intent_file;
    const bool known = file.answer == FileAnswer::ok;
    const auto word = store::intent_word(status.intent.resolved);
    const auto by = provenance_of(status.intent.resolved, file);
    const auto text = [&](const std::string Provenance::* field) {
        return by && !((*by).*field).empty() ? Json(printable((*by).*field)) : Json();
    };
    return {{"desired_state", words_or_null(word)},
            {"generation", known ? Json(file.generation) : Json()},
            {"changed_at", text(&Provenance::changed_at)},
            {"program", text(&Provenance::program)},
            {"uid", by ? or_null(by->author.uid) : Json()},
            {"author", by ? Json(printable(to_text(by->author))) : Json()},
            {"reason", text(&Provenance::reason)},
            {"note", text(&Provenance::note)}};
}

Json last_exit_json(const std::optional<LastExit>& exit) {
    if (!exit) {
        return {};
    }
    return {{"code", or_null(exit->code)}, {"signal", or_null(exit->signal)}};
}

Json marker_json(const std::optional<Marker>& marker) {
    if (!marker) {
        return {};
    }
    return {{"target_pid", marker->target.pid.value},
            {"writer_pid", marker->writer.value},
            {"writer_uid", or_null(marker->author.uid)},
            {"author", printable(to_text(marker->author))},
            {"note", printable(marker->note)},
            {"program", printable(marker->program)},
            {"reason", printable(marker->reason)},
            {"written_at", to_rfc3339(marker->written_at)}};
}

Json unregistered_json(const std::optional<Unregistration>& record) {
    if (!record) {
        return {};
    }
    return {{"at", printable(record->at)}, {"author", printable(to_text(record->by))}};
}

Json parked_json(const std::optional<store::Parked>& parked) {
    if (!parked) {
        return {};
    }
    return {{"reason", printable(parked->reason)},
            {"since", printable(parked->since)},
            {"deaths", parked->count}};
}

Json deaths_json(const GatewayStatus& status) {
    if (status.deaths.count == 0) {
        return {};
    }
    return {{"count", status.deaths.count},
            {"budget", status.death_budget},
            {"next_start", status.next_start ? Json(to_rfc3339(*status.next_start)) : Json()}};
}

Json drain_json(const std::optional<inspect::DrainProgress>& drain) {
    if (!drain) {
        return {};
    }
    return {{"elapsed", drain->elapsed.count()}, {"limit", drain->limit.count()}};
}

Json decision_json(const std::optional<Decision>& decision) {
    if (!decision) {
        return {};
    }
    return {{"goal", to_string(decision->goal)},
            {"reason", to_string(decision->reason)},
            {"detail", words_or_null(decision->detail)}};
}

} // namespace

Json status_json(const GatewayStatus& status) {
    const auto& service = status.service;
    const bool known = !status.service_error;
    Json record = Json::object();
    record["profile"] = status.profile.str();
    record["state"] = state_word(status);
    record["registered"] = known ? Json(service.registered) : Json();
    record["supervised"] = known ? Json(service.supervised) : Json();
    record["want"] = known && service.supervised ? Json(service.wants_up ? "up" : "down") : Json();
    record["up"] = known ? Json(service.up) : Json();
    record["ready"] = or_null(service.ready);
    record["pid"] = service.process ? Json(service.process->pid.value) : Json();
    record["start_time"] = service.process && service.process->start_time
                               ? Json(service.process->start_time->ticks)
                               : Json();
    record["since"] = service.since ? Json(utc_text(*service.since)) : Json();
    record["unit"] = words_or_null(service.unit);
    record["enabled"] = or_null(service.enabled);
    record["last_exit"] = last_exit_json(service.last_exit);
    record["intent"] = intent_json(status);
    record["gateway_state"] = words_or_null(status.intent.gateway.gateway_state);
    record["prior_exit"] = to_string(status.prior_exit);
    record["prior_exit_detail"] = words_or_null(status.prior_exit_detail);
    record["parked"] = parked_json(status.parked);
    record["deaths"] = deaths_json(status);
    record["drain"] = drain_json(status.drain);
    record["decision"] = decision_json(status.decision);
    record["unregistered"] = unregistered_json(status.unregistered);
    record["port"] = or_null(status.port);
    record["drift"] = words_or_null(service.drift);
    record["marker"] = marker_json(status.pending_marker);
    record["outside_pid"] = status.outside ? Json(status.outside->pid.value) : Json();
    record["error"] =
        status.service_error ? Json(printable(status.service_error->message)) : Json();
    record["notes"] = Json::array();
    record["findings"] = Json::array();
    for (const auto& finding : status.findings) {
        record["notes"].push_back(to_line(finding));
        record["findings"].push_back(finding_json(finding));
    }
    return record;
}

void add_overview_json(Json& root, const inspect::Overview& all) {
    root["foreign"] = Json::array();
    for (const auto& one : all.foreign) {
        root["foreign"].push_back({{"name", one.profile.str()}, {"why", printable(one.why)}});
    }
    root["invalid"] = Json::array();
    for (const auto& one : all.invalid) {
        root["invalid"].push_back({{"name", printable(one.name)}, {"why", printable(one.why)}});
    }
    root["counts"] = Json::object();
    for (const auto& [word, count] : inspect::counts_of(all)) {
        root["counts"][word] = count;
    }
}

} // namespace gw::cli
