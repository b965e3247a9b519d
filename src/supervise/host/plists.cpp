#include "supervise/host/plists.hpp"

#include "base/text.hpp"
#include "render/launchd_plist.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

namespace gw::supervise {

namespace {

constexpr std::string_view plist_suffix = ".plist";

/// HOME may be a profile's; agents belong to the user.
std::string home_of_account() {
    const auto uid = sys::effective_uid();
    return sys::account_of(uid, uid, "/").home;
}

std::string agents_directory() {
    return home_of_account() + "/Library/LaunchAgents";
}

std::string service_name(const store::Home& home, const ProfileName& profile) {
    return host_service_name(profile, sys::real_path(home.path()),
                             sys::real_path(canonical_home(Scope::user, home_of_account())));
}

} // namespace

std::string launchd_label_of(const store::Home& home, const ProfileName& profile) {
    return launchd_label({{}, service_name(home, profile), {}, {}});
}

ServiceFileForm plist_form(const store::Home& home) {
    ServiceFileForm form;
    form.word = "plist";
    form.directory = agents_directory();
    form.place = form.directory;
    form.file_of = [&home](const ProfileName& profile) {
        return launchd_label_of(home, profile) + std::string(plist_suffix);
    };
    form.profile_of = [](std::string_view file) -> std::optional<ProfileName> {
        if (!file.ends_with(plist_suffix)) {
            return std::nullopt;
        }
        const auto name = name_of_launchd_label(file.substr(0, file.size() - plist_suffix.size()));
        return name ? profile_of_host_service(*name) : std::nullopt;
    };
    form.render = [&home](const ServiceSpec& spec) { return render_launchd(home, spec); };
    form.home_of = home_of_plist;
    form.difference = plist_drift;
    form.show_command = [directory = form.directory](const std::string& file) {
        return "plutil -p " + shell_quote(directory + "/" + file);
    };
    return form;
}

Result<RenderedFile> render_launchd(const store::Home& home, const ServiceSpec& spec) {
    auto service = make_host_service(spec, service_name(home, spec.profile));
    if (!service) {
        return std::unexpected(std::move(service.error()));
    }
    auto text = render_plist(*service);
    if (!text) {
        return std::unexpected(std::move(text.error()));
    }
    return RenderedFile{agents_directory() + "/" + launchd_label(*service) +
                            std::string(plist_suffix),
                        std::move(*text)};
}

} // namespace gw::supervise
