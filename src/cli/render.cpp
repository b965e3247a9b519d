#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "inspect/rendering.hpp"
#include "supervise/detect.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// One file goes out as it is, so that it can be redirected; several each under a line with its
/// name.
std::string text_of(const std::vector<SlotFile>& files) {
    if (files.size() == 1) {
        return files.front().content;
    }
    std::string text;
    for (const auto& file : files) {
        text += fmt::format("==> {} ({:o}) <==\n{}\n", file.path, file.mode, file.content);
    }
    return text;
}

Json json_of(std::string_view manager, const ProfileName& profile,
             const std::vector<SlotFile>& files) {
    Json root = Json::object();
    root["version"] = 1;
    root["manager"] = manager;
    root["profile"] = profile.str();
    root["files"] = Json::array();
    for (const auto& file : files) {
        root["files"].push_back({{"path", file.path},
                                 {"mode", fmt::format("{:o}", file.mode)},
                                 {"content", file.content}});
    }
    return root;
}

} // namespace

int render(Context& context, const Words& words) {
    const std::string manager = words.value("MANAGER").value_or("");
    const auto kind = supervise::parse_manager_kind(manager);
    const auto profile =
        ProfileName::parse(words.value("NAME").value_or(std::string(ProfileName::root_text)));
    if (!kind || !profile) {
        return report_error(!kind ? Error{Errc::usage, "there is no manager '" + manager + "'",
                                          "gatewayctl render s6|systemd|launchd NAME"}
                                  : profile.error());
    }
    const auto opened = context.opened();
    const auto files =
        opened ? inspect::render_service(*kind, opened->home, opened->settings, *profile)
               : Result<std::vector<SlotFile>>(std::unexpected(opened.error()));
    if (!files) {
        return report_error(files.error());
    }
    return printed(context.globals().json ? print_json(json_of(manager, *profile, *files))
                                          : print(text_of(*files)));
}

} // namespace gw::cli
