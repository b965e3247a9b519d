#include "rules/slot_spec.hpp"

namespace gw {

std::string profile_directory(const std::string& home, const ProfileName& profile) {
    return profile.is_root() ? home : home + "/profiles/" + profile.str();
}

SlotSpec slot_spec(const std::string& home, const Settings& settings, const ProfileName& profile,
                   const ServiceSettings& service, const Account& account) {
    SlotSpec spec;
    spec.profile = profile;
    spec.home = home;
    spec.profile_dir = profile_directory(home, profile);
    spec.account = account;
    spec.command = command_of(settings, profile);
    spec.environment = service.environment;
    spec.port = service.port;
    spec.notification_fd = notification_fd_of(settings, spec.command);
    spec.drain_timeout = settings.drain_timeout;
    spec.tree = settings.tree_kind;
    spec.fence = settings.fleet ? fence_directory(settings) : "";
    return spec;
}

} // namespace gw
