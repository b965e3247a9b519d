#include "cli/command_line.hpp"
#include "cli/fleet_verbs.hpp"

namespace {

constexpr gw::cli::CarriedOut verbs[] = {
    // NOLINT(modernize-avoid-c-arrays)
    {"fleet status", gw::cli::fleet_status},     {"fleet doctor", gw::cli::fleet_doctor},
    {"fleet drain", gw::cli::fleet_drain},       {"fleet cordon", gw::cli::fleet_cordon},
    {"fleet uncordon", gw::cli::fleet_uncordon}, {"fleet move", gw::cli::fleet_move},
    {"fleet ask", gw::cli::fleet_ask},           {"fleet agent", gw::cli::fleet_agent},
};

} // namespace

int main(int argc, char** argv) {
    return gw::cli::run_command_line(argc, argv, verbs);
}
