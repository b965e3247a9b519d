#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int version(Context& context, const Words& /*words*/) {
    return printed(context.globals().json
                       ? print_json({{"version", 1}, {"gatewayctl", GATEWAYCTL_VERSION}})
                       : print("gatewayctl " GATEWAYCTL_VERSION "\n"));
}

} // namespace gw::cli
