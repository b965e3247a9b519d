#include "operate/fleet_program.hpp"

#include "sys/self.hpp"

namespace gw::operate {

Argv fleet_program(const std::string& home, const Settings& settings) {
    return {sys::program_beside("gatewayctl-fleet"),
            "--home",
            home,
            "--scandir",
            settings.scandir,
            "--json",
            "fleet"};
}

} // namespace gw::operate
