#include "base/text.hpp"
#include "cli/operate.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "store/intent_store.hpp"

#include <algorithm>

namespace gw::cli {

namespace {

struct Row {
    std::string profile; ///< printable
    bool registered = false;
    std::optional<std::string> intent;
    std::optional<std::string> problem;
};

/// Profiles on the volume, slots whose profile is gone, and names that cannot be profiles.
Result<std::vector<Row>> gather(const Station& station) {
    auto registered = station.manager().list();
    if (!registered) {
        return std::unexpected(std::move(registered.error()));
    }
    const auto listing = station.home().profiles();
    for (const auto& finding : listing.findings) {
        sys::log_warning(printable(to_line(finding)));
    }
    std::vector<Row> rows;
    for (const auto& name : listing.names) {
        Row row{name.str(), std::erase(*registered, name) > 0, std::nullopt, std::nullopt};
        if (const auto directory = station.home().find(name); directory && *directory) {
            row.intent = store::intent_word(store::read_intent(**directory).resolved);
        }
        rows.push_back(std::move(row));
    }
    for (const auto& name : *registered) {
        rows.push_back({name.str(), true, std::nullopt, "its profile is gone"});
    }
    for (const auto& invalid : listing.invalid) {
        rows.push_back({printable(invalid.name), false, std::nullopt, printable(invalid.why)});
    }
    return rows;
}

Json to_json(const std::vector<Row>& rows, std::string_view manager) {
    Json root = Json::object();
    root["version"] = 1;
    root["manager"] = manager;
    root["profiles"] = Json::array();
    for (const auto& row : rows) {
        root["profiles"].push_back({{"profile", row.profile},
                                    {"registered", row.registered},
                                    {"intent", row.intent ? Json(printable(*row.intent)) : Json()},
                                    {"problem", row.problem ? Json(*row.problem) : Json()}});
    }
    return root;
}

int run_list(const Globals& globals) {
    const auto station = Station::open(globals, Access::look);
    if (!station) {
        return report_error(station.error());
    }
    const auto rows = gather(**station);
    if (!rows) {
        return report_error(rows.error());
    }
    if (globals.json) {
        const auto kind = supervise::to_string((*station)->manager().traits().kind);
        return print_json(to_json(*rows, kind)) ? exit_status::done : exit_status::some_failed;
    }
    Table table({"PROFILE", "REGISTERED", "INTENT", "PROBLEM"});
    for (const auto& row : *rows) {
        table.add({row.profile, row.registered ? "yes" : "no",
                   row.intent ? printable(*row.intent) : "-", row.problem.value_or("-")});
    }
    return print(table.text()) ? exit_status::done : exit_status::some_failed;
}

} // namespace

void add_list(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("list", "List profiles, registered or not");
    verb->callback([&] { chosen = [&globals] { return run_list(globals); }; });
}

} // namespace gw::cli
