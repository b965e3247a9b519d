#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "reconcile/observe.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/detect.hpp"
#include "supervise/host/launchd.hpp"
#include "supervise/host/systemd.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

using supervise::ManagerKind;
using supervise::ServiceSpec;

struct RenderOptions {
    std::string manager;
    std::string name{ProfileName::root_text};
};

Result<std::vector<SlotFile>> files_for(ManagerKind kind, const Workplace& workplace,
                                        const ServiceSpec& spec) {
    if (kind == ManagerKind::s6) {
        return render_slot(spec);
    }
    const auto scope = supervise::scope_of(workplace.settings);
    if (!scope) {
        return std::unexpected(scope.error());
    }
    const auto file = kind == ManagerKind::systemd
                          ? supervise::render_systemd(workplace.home, *scope, spec)
                          : supervise::render_launchd(workplace.home, spec);
    if (!file) {
        return std::unexpected(file.error());
    }
    constexpr unsigned mode = 0644;
    return std::vector<SlotFile>{{file->path, mode, file->text}};
}

Result<ServiceSpec> spec_for(const Workplace& workplace, const ProfileName& profile) {
    const auto directory = workplace.home.require(profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto account = store::account_of_home(workplace.home);
    if (!account) {
        return std::unexpected(account.error());
    }
    const auto kept = store::read_service_settings(*directory).settings;
    auto spec = slot_spec(workplace.home.path(), workplace.settings, profile, kept, *account);
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

int run_render(const Globals& globals, const RenderOptions& options) {
    const auto kind = supervise::parse_manager_kind(options.manager);
    const auto profile = ProfileName::parse(options.name);
    if (!kind || !profile) {
        return report_error(!kind ? Error{Errc::usage,
                                          "there is no manager '" + options.manager + "'",
                                          "gatewayctl render s6|systemd|launchd NAME"}
                                  : profile.error());
    }
    const auto workplace = open_workplace(globals);
    const auto spec = workplace ? spec_for(*workplace, *profile)
                                : Result<ServiceSpec>(std::unexpected(workplace.error()));
    const auto files = spec ? files_for(*kind, *workplace, *spec)
                            : Result<std::vector<SlotFile>>(std::unexpected(spec.error()));
    if (!files) {
        return report_error(files.error());
    }
    const bool printed = globals.json ? print_json(json_of(options.manager, *profile, *files))
                                      : print(text_of(*files));
    return printed ? exit_status::done : exit_status::some_failed;
}

} // namespace

void add_render(CLI::App& app, const Globals& globals, Action& chosen) {
    auto* verb = app.add_subcommand("render", "Print the slot, unit or plist of a profile");
    auto options = std::make_shared<RenderOptions>();
    verb->add_option("MANAGER", options->manager, "s6, systemd or launchd")
        ->type_name("")
        ->required();
    verb->add_option("NAME", options->name, "The profile; default: 'default'")->type_name("");
    verb->callback([&globals, &chosen, options] {
        chosen = [&globals, options] { return run_render(globals, *options); };
    });
}

} // namespace gw::cli
