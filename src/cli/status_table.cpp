#include "base/text.hpp"
#include "cli/status_output.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

using inspect::GatewayStatus;

namespace {

std::string notes_of(const GatewayStatus& status) {
    std::string notes = status.drain ? drain_text(*status.drain) : "";
    for (const auto& finding : status.findings) {
        notes += (notes.empty() ? "" : "; ") + printable(to_line(finding));
    }
    return notes.empty() ? "-" : notes;
}

std::vector<std::string> heading_of(Breadth breadth) {
    return breadth == Breadth::narrow
               ? std::vector<std::string>{"PROFILE", "STATE", "PID", "SINCE", "INTENT", "NOTES"}
               : std::vector<std::string>{"PROFILE",       "STATE",     "PID",    "SINCE",
                                          "INTENT",        "NEXT BOOT", "REASON", "DEATHS",
                                          "GATEWAY STATE", "LAST EXIT", "PORT",   "NOTES"};
}

std::vector<std::string> row_of(const GatewayStatus& status, const Palette& palette,
                                const TableForm& form) {
    const auto& service = status.service;
    std::vector<std::string> row = {
        status.profile.str(), coloured_state(status, palette),
        service.process ? std::to_string(service.process->pid.value) : "-",
        service.since ? age_text(*service.since) : "-", intent_text(status)};
    if (form.breadth == Breadth::wide) {
        const auto& decision = status.decision;
        const auto& state = status.intent.gateway.gateway_state;
        row.insert(row.end(),
                   {decision ? std::string(to_string(decision->goal)) : "-",
                    decision ? std::string(to_string(decision->reason)) : "-",
                    status.deaths.count > 0
                        ? fmt::format("{} of {}", status.deaths.count, status.death_budget)
                        : "-",
                    state ? printable(*state) : "-", exit_text(service.last_exit),
                    status.port ? std::to_string(*status.port) : "-"});
    }
    row.push_back(notes_of(status));
    return row;
}

/// A row of which nothing is known but a name and why.
std::vector<std::string> bare_row(const std::string& name, const std::string& state,
                                  const std::string& why, const TableForm& form) {
    std::vector<std::string> row(heading_of(form.breadth).size(), "-");
    row.front() = printable(shortened(name));
    row[1] = state;
    row.back() = printable(why);
    return row;
}

} // namespace

std::string overview_table(const inspect::Overview& all, const Palette& palette,
                           const TableForm& form) {
    Table table(heading_of(form.breadth));
    const auto first_good =
        std::find_if_not(all.gateways.begin(), all.gateways.end(), inspect::is_in_trouble);
    std::for_each(all.gateways.begin(), first_good,
                  [&](const auto& status) { table.add(row_of(status, palette, form)); });
    for (const auto& one : all.foreign) {
        table.add(bare_row(one.profile.str(), palette.bad("foreign"), one.why, form));
    }
    for (const auto& one : all.invalid) {
        table.add(bare_row(one.name, palette.bad("invalid"), one.why, form));
    }
    if (form.which == TableForm::Which::all) {
        std::for_each(first_good, all.gateways.end(),
                      [&](const auto& status) { table.add(row_of(status, palette, form)); });
    }
    return table.text(form.breadth == Breadth::narrow ? form.columns : std::nullopt);
}

std::string counts_line(const inspect::Counts& counts) {
    std::string line;
    for (const auto& [word, count] : counts) {
        line += fmt::format("{}{} {}", line.empty() ? "" : ", ", count, word);
    }
    return line.empty() ? "nothing" : line;
}

} // namespace gw::cli
