#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "render/slot.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/detect.hpp"
#include "supervise/host/launchd.hpp"
#include "supervise/host/systemctl.hpp"
#include "supervise/host/systemd.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

using supervise::ManagerKind;
using supervise::ServiceSpec;

Result<std::vector<SlotFile>> files_for(ManagerKind kind, const store::Home& home,
                                        const Settings& settings, const ServiceSpec& spec) {
    if (kind == ManagerKind::s6) {
        return render_slot(spec);
    }
    const auto scope = supervise::scope_of(settings);
    if (!scope) {
        return std::unexpected(scope.error());
    }
    const auto file = kind == ManagerKind::systemd ? supervise::render_systemd(home, *scope, spec)
                                                   : supervise::render_launchd(home, spec);
    if (!file) {
        return std::unexpected(file.error());
    }
    constexpr unsigned mode = 0644;
    return std::vector<SlotFile>{{file->path, mode, file->text}};
}

Result<ServiceSpec> spec_for(const store::Home& home, const Settings& settings,
                             const ProfileName& profile) {
    const auto directory = home.require(profile);
    const auto account = store::account_of_home(home);
    if (!directory || !account) {
        return std::unexpected(directory ? account.error() : directory.error());
    }
    const auto kept = store::read_service_settings(*directory).settings;
    auto spec = slot_spec(home.path(), settings, profile, kept, *account);
    spec.starts = true;
    return spec;
}

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

Result<std::vector<SlotFile>> rendered(Context& context, ManagerKind kind,
                                       const ProfileName& profile) {
    const auto home = context.home();
    const auto spec = home ? spec_for(**home, context.settings(), profile)
                           : Result<ServiceSpec>(std::unexpected(home.error()));
    return spec ? files_for(kind, **home, context.settings(), *spec)
                : std::unexpected(spec.error());
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
    const auto files = rendered(context, *kind, *profile);
    if (!files) {
        return report_error(files.error());
    }
    return printed(context.globals().json ? print_json(json_of(manager, *profile, *files))
                                          : print(text_of(*files)));
}

} // namespace gw::cli
