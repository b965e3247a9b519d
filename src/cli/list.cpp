#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/owner_output.hpp"
#include "cli/verbs.hpp"
#include "inspect/listing.hpp"
#include "own/ownership.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

std::optional<std::string> printable_or_none(const std::optional<std::string>& text) {
    return text ? std::optional(printable(*text)) : std::nullopt;
}

Json to_json(const inspect::Listing& listing, std::string_view manager, const Standing& owner,
             Role role) {
    Json root = Json::object();
    root["version"] = 1;
    root["manager"] = manager;
    root["role"] = to_string(role);
    root["owner"] = owner_json(owner);
    root["profiles"] = Json::array();
    for (const auto& one : listing.profiles) {
        root["profiles"].push_back({{"profile", printable(one.name)},
                                    {"registered", one.registered},
                                    {"unregistered", one.unregistered},
                                    {"intent", or_null(printable_or_none(one.intent))},
                                    {"problem", or_null(printable_or_none(one.problem))}});
    }
    return root;
}

std::string table_text(const inspect::Listing& listing) {
    Table table({"PROFILE", "REGISTERED", "INTENT", "PROBLEM"});
    for (const auto& one : listing.profiles) {
        table.add({printable(one.name),
                   one.registered     ? "yes"
                   : one.unregistered ? "unregistered"
                                      : "no",
                   printable_or_none(one.intent).value_or("-"),
                   printable_or_none(one.problem).value_or("-")});
    }
    const auto count = [&](auto property) {
        return std::count_if(listing.profiles.begin(), listing.profiles.end(), property);
    };
    return table.text(columns_of_stdout()) +
           fmt::format("{} registered, {} not, {} with problems\n",
                       count([](const auto& one) { return one.registered; }),
                       count([](const auto& one) { return !one.registered && !one.problem; }),
                       count([](const auto& one) { return one.problem.has_value(); }));
}

} // namespace

int list(Context& context, const Words& /*words*/) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const auto listing = inspect::list_profiles(**manager, opened->home);
    const auto owner = own::ownership_of(opened->home, opened->settings)->look();
    const auto role = opened->settings.role;
    if (!listing) {
        return report_error(listing.error());
    }
    for (const auto& finding : listing->findings) {
        context.warn_once(printable(to_line(finding)));
    }
    return printed(
        context.globals().json
            ? print_json(
                  to_json(*listing, supervise::to_string((*manager)->traits().kind), owner, role))
            : print(owner_line(owner, role) + table_text(*listing)));
}

} // namespace gw::cli
