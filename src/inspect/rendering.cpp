#include "inspect/rendering.hpp"

#include "render/slot.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/host/plists.hpp"
#include "supervise/host/systemctl.hpp"
#include "supervise/host/systemd.hpp"

namespace gw::inspect {

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
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto kept = store::read_service_settings(*directory).settings;
    auto spec = slot_spec(home.path(), settings, profile, kept, account);
    spec.origin = home.origin_of(profile);
    spec.starts = true;
    return spec;
}

} // namespace

Result<std::vector<SlotFile>> render_service(ManagerKind kind, const store::Home& home,
                                             const Settings& settings, const ProfileName& profile) {
    const auto spec = spec_for(home, settings, profile);
    return spec ? files_for(kind, home, settings, *spec) : std::unexpected(spec.error());
}

} // namespace gw::inspect
