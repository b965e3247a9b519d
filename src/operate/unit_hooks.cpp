#include "operate/unit_hooks.hpp"

#include "base/numbers.hpp"
#include "base/signal_name.hpp"
#include "store/marker_file.hpp"
#include "supervise/host/systemctl.hpp"
#include "sys/log.hpp"

#include <csignal>

namespace gw::operate {

namespace {

/// The number of a signal by its name without SIG.
std::optional<int> signal_of(std::string_view name) {
    for (int number = 1; number < NSIG; ++number) {
        if (!name.empty() && name == short_signal_name(number)) {
            return number;
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<ServiceEnd> parse_unit_end(std::string_view exit_code, std::string_view exit_status) {
    if (exit_code == "exited") {
        const auto code = parse_number<int>(exit_status);
        return code ? std::optional(ServiceEnd{.code = *code}) : std::nullopt;
    }
    const auto signal = signal_of(exit_status);
    return signal ? std::optional(ServiceEnd{.signal = signal}) : std::nullopt;
}

Result<void> mark_unit_stop(sys::Effects& effects, Scope scope, const OpenProfile& open_profile,
                            Pid pid) {
    if (const auto down = supervise::goes_down(scope); down && *down) {
        sys::log_debug("the machine goes down: nobody asked to stop this gateway");
        return {};
    }
    const auto profile = open_profile();
    if (!profile) {
        return std::unexpected(profile.error());
    }
    const auto reader = store::marker_reader(pid, *profile);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    const auto present = store::probe_marker(*profile, MarkerKind::planned_stop, *reader);
    if (present && *present && (*present)->verdict == MarkerVerdict::names_me) {
        return {};
    }
    return store::write_marker(effects, *profile, MarkerKind::planned_stop,
                               {reader->self, "systemctl", "stop", {}});
}

} // namespace gw::operate
