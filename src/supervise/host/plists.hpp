/// The plists of one home in the user's LaunchAgents.
#pragma once

#include "supervise/host/files.hpp"

#include <string>

namespace gw::supervise {

/// The label of a profile's job.
std::string launchd_label_of(const store::Home& home, const ProfileName& profile);

/// `home` must outlive the answer.
ServiceFileForm plist_form(const store::Home& home);

/// The plist of a profile as it would be installed: `render`, and drift.
Result<RenderedFile> render_launchd(const store::Home& home, const ServiceSpec& spec);

} // namespace gw::supervise
