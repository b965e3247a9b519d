#include "inspect/explanation.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "inspect/log_reader.hpp"
#include "inspect/overview.hpp"
#include "inspect/strangers.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// Of the log; more is what `logs` is for.
constexpr std::size_t log_lines = 3;

std::string to_text(const std::vector<Finding>& story) {
    std::string text;
    for (const auto& one : story) {
        text +=
            (one.severity == Severity::note ? "" : std::string(to_string(one.severity)) + ": ") +
            printable(one.what) + "\n";
        text += one.why.empty() ? "" : "    " + printable(one.why) + "\n";
        if (!one.cure.empty()) {
            const bool is_cure = one.severity != Severity::note;
            text += fmt::format("    {}{}\n",
                                is_cure                           ? "$ "
                                : one.code == inspect::topic::log ? "more: "
                                                                  : "to change that: ",
                                printable(one.cure));
        }
    }
    return text;
}

Json to_json(const std::string& profile, const std::vector<Finding>& story) {
    Json root = Json::object();
    root["version"] = 1;
    root["profile"] = printable(profile);
    root["statements"] = Json::array();
    for (const auto& one : story) {
        root["statements"].push_back(finding_json(one));
    }
    return root;
}

/// Of what is a profile, or of what a supervisor knows by the name of one.
Result<std::vector<Finding>> story_of(const inspect::Viewpoint& from, const ProfileName& profile) {
    const auto status = inspect::gateway_status(from, profile);
    if (const auto found = from.home.find(profile);
        found && !*found && !status.service.registered) {
        return std::unexpected(from.home.require(profile).error());
    }
    const auto log = status.service.registered
                         ? inspect::last_log_lines(from.manager, profile, log_lines)
                         : std::vector<std::string>{};
    return inspect::explain(status, from, log);
}

} // namespace

int explain(Context& context, const Words& words) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const auto& typed = words.value("NAME");
    const auto name =
        typed ? *typed : context.globals().profile.value_or(std::string(ProfileName::root_text));
    const auto from = inspect::viewpoint(**manager, opened->home, opened->settings);
    const auto profile = ProfileName::parse(name);
    const auto stranger = inspect::stranger(from, name);
    if (!profile && !stranger) {
        return report_error(profile.error());
    }
    const auto story =
        stranger ? Result<std::vector<Finding>>(std::vector{*stranger}) : story_of(from, *profile);
    if (!story) {
        return report_error(story.error());
    }
    return printed(context.globals().json ? print_json(to_json(name, *story))
                                          : print(to_text(*story)));
}

} // namespace gw::cli
