#include "cli/doctor_output.hpp"
#include "cli/fleet_verbs.hpp"
#include "cli/targets.hpp"
#include "fleet/checkup.hpp"

#include <unistd.h>

namespace gw::cli {

namespace {

/// For one member of etcd.
constexpr milliseconds look_time{5'000};

} // namespace

int fleet_doctor(Context& context, const Words& words) {
    const auto in_fleet = fleet_settings(context);
    if (!in_fleet) {
        return report_error(in_fleet.error());
    }
    const auto patience = timeout_of(words).value_or(look_time);
    const std::vector sections = {fleet::check_up(**context.settings(), patience)};
    const Palette palette(wants_colour(context.globals().colour, STDOUT_FILENO));
    const bool complete =
        context.globals().json ? print_json(to_json(sections)) : print(to_text(sections, palette));
    return complete ? exit_status_of(sections) : exit_status::some_failed;
}

} // namespace gw::cli
