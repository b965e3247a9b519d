#include "cli/own_profile.hpp"

#include "store/home.hpp"

#include <boost/filesystem/operations.hpp>
#include <boost/filesystem/path.hpp>

namespace gw::cli {

Result<ProfileName> own_profile(const Globals& globals) {
    if (const auto name = globals.profile ? globals.profile : environment("GATEWAYCTL_PROFILE")) {
        return ProfileName::parse(*name);
    }
    const boost::filesystem::path home =
        boost::filesystem::absolute(home_setting(globals.flags, environment))
            .lexically_normal()
            .remove_trailing_separator();
    return store::root_of(home.string()) == home.string()
               ? ProfileName::root()
               : ProfileName::parse(home.filename().string());
}

} // namespace gw::cli
