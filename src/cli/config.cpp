#include "base/spelling.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "rules/effective_settings.hpp"
#include "store/config_file.hpp"
#include "sys/self.hpp"

#include <algorithm>

namespace gw::cli {

namespace {

Result<std::vector<EffectiveSetting>> settings_of(Context& context) {
    const auto settings = context.settings();
    if (!settings) {
        return std::unexpected(settings.error());
    }
    const auto home = context.home();
    const auto placed =
        store::read_placed_config(home ? (*home)->path() : (*settings)->home, (*settings)->config);
    return effective_settings(context.globals().flags, sys::environment, placed.places, **settings);
}

int show(Context& context) {
    const auto settings = settings_of(context);
    if (!settings) {
        return report_error(settings.error());
    }
    Table table({"SETTING", "VALUE", "FROM"});
    auto list = Json::array();
    for (const auto& one : *settings) {
        const auto& row = row_of(one.setting);
        table.add({std::string(row.name), one.value.empty() ? "-" : printable(one.value),
                   printable(one.origin)});
        list.push_back({{"name", row.name},
                        {"value", words_or_null(one.value)},
                        {"origin", printable(one.origin)},
                        {"default", row.default_words},
                        {"meaning", row.meaning}});
    }
    return printed(context.globals().json ? print_json({{"version", 1}, {"settings", list}})
                                          : print(table.text()));
}

int get(Context& context, const std::string& name) {
    const auto row = std::ranges::find(setting_table(), name, &SettingRow::name);
    if (row == setting_table().end()) {
        std::vector<std::string_view> names;
        for (const auto& one : setting_table()) {
            names.push_back(one.name);
        }
        return report_error(
            {Errc::usage, "there is no setting '" + printable(name) + "'" + meant_hint(name, names),
             "gatewayctl config"});
    }
    const auto settings = settings_of(context);
    if (!settings) {
        return report_error(settings.error());
    }
    const auto& one = settings->at(static_cast<std::size_t>(row->setting));
    return printed(context.globals().json ? print_json({{"version", 1},
                                                        {"name", row->name},
                                                        {"value", printable(one.value)},
                                                        {"origin", printable(one.origin)}})
                                          : print(printable(one.value) + "\n"));
}

/// Of a file that is named nothing else is read: the image has no volume while it is built.
Result<std::vector<Finding>> findings_of(Context& context, const std::optional<std::string>& file) {
    if (file) {
        return store::read_config("", file).findings;
    }
    const auto settings = context.settings();
    return settings ? Result<std::vector<Finding>>((*settings)->findings)
                    : std::unexpected(settings.error());
}

int check(Context& context, const std::optional<std::string>& file) {
    const auto findings = findings_of(context, file);
    if (!findings) {
        return report_error(findings.error());
    }
    std::string lines;
    auto list = Json::array();
    for (const auto& one : *findings) {
        lines += printable(to_line(one)) + "\n";
        list.push_back(finding_json(one));
    }
    const bool good = findings->empty();
    const bool complete = context.globals().json
                              ? print_json({{"version", 1}, {"ok", good}, {"findings", list}})
                              : print(good ? "every word of it is understood\n" : lines);
    return good || !complete ? printed(complete) : exit_status::bad_config;
}

} // namespace

int config(Context& context, const Words& words) {
    const auto action = words.value("ACTION");
    const auto what = words.value("WHAT");
    if (action == "check") {
        return check(context, what);
    }
    if (action == "get") {
        return what ? get(context, *what)
                    : report_error(
                          {Errc::usage, "the name of a setting is missing", "gatewayctl config"});
    }
    return show(context);
}

} // namespace gw::cli
