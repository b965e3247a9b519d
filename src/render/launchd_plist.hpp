/// The text of a gateway's launchd plist. Pure.
#pragma once

#include "rules/host_service.hpp"

namespace gw {

/// launchd starts a job that ended at most this often (its own default is 10 s): its one means
/// against a crash loop.
inline constexpr seconds launchd_throttle{10};

/// Label of the job: the service's name in reverse-domain form.
std::string launchd_label(const HostService& service);
/// The service's name in such a label; nullopt when it is none of this tool's.
std::optional<std::string> name_of_launchd_label(std::string_view label);

/// The plist as XML. Written here and not by a library: Debian's libplist comes without a static
/// archive, and what is needed is five tags and five escapes (tests/launchd reads each plist back
/// with Python's plistlib, key by key). Errc::bad_config for what XML cannot hold.
Result<std::string> render_plist(const HostService& service);

/// The home that a plist was rendered for; nullopt when it is none of this tool's.
std::optional<std::string> home_of_plist(std::string_view text);

/// In what the installed plist differs: the names of the keys. Empty: in nothing.
std::string plist_drift(std::string_view rendered, std::string_view installed);

} // namespace gw
