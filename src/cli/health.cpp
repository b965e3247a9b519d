#include "inspect/health.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// One line, whatever ails how many.
std::string to_text(const inspect::Health& health) {
    if (health.is_good()) {
        return fmt::format("healthy: {} as wanted\n", health.looked_at);
    }
    std::string text = "unhealthy: ";
    for (const auto& one : health.ailing) {
        text += fmt::format("{}{}: {}", &one == &health.ailing.front() ? "" : "; ", one.subject,
                            printable(one.what));
    }
    return text + fmt::format(" ({} of {})\n", health.ailing.size(), health.looked_at);
}

Json to_json(const inspect::Health& health) {
    Json root = Json::object();
    root["version"] = 1;
    root["healthy"] = health.is_good();
    root["looked_at"] = health.looked_at;
    root["ailing"] = Json::array();
    for (const auto& one : health.ailing) {
        root["ailing"].push_back(finding_json(one));
    }
    return root;
}

} // namespace

int health(Context& context, const Words& words) {
    const auto manager = context.manager();
    const auto opened = context.opened();
    if (!manager || !opened) {
        return report_error(manager ? opened.error() : manager.error());
    }
    const auto& names = words.values("NAME");
    const bool all = names.empty() && !context.globals().profile;
    const auto targets = all ? Result<std::vector<ProfileName>>{} : named_targets(context, names);
    if (!targets) {
        return report_error(targets.error());
    }
    const auto health = inspect::health(**manager, opened->home, opened->settings, *targets);
    if (!health) {
        return report_error(health.error());
    }
    const bool complete =
        context.globals().json ? print_json(to_json(*health)) : print(to_text(*health));
    return printed(complete && health->is_good());
}

} // namespace gw::cli
