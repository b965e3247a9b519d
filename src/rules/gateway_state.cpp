#include "rules/gateway_state.hpp"

namespace gw {

namespace {
std::optional<std::uint64_t> unsigned_field(const Json& file, const char* key) {
    const auto found = file.find(key);
    if (found == file.end() || !found->is_number_unsigned()) {
        return std::nullopt;
    }
    return found->get<std::uint64_t>();
}
} // namespace

GatewayState read_gateway_state(const Json& file) {
    GatewayState state;
    if (const auto found = file.find("gateway_state"); found != file.end()) {
        state.gateway_state =
            found->is_string() ? found->get<std::string>() : found->dump(-1, ' ', true);
        if (found->is_null()) {
            state.gateway_state.reset();
        }
    }
    if (const auto found = file.find("desired_state"); found != file.end() && !found->is_null()) {
        state.desired = found->is_string() ? parse_desired(found->get<std::string>())
                                           : DesiredWord{std::nullopt, found->dump(-1, ' ', true)};
    }
    state.desired_generation = unsigned_field(file, "desired_generation");
    const auto pid = unsigned_field(file, "pid");
    if (pid && *pid > 0 && *pid <= INT32_MAX) {
        state.process = ProcessIdentity{Pid{static_cast<std::int32_t>(*pid)}, std::nullopt};
        if (const auto ticks = unsigned_field(file, "start_time")) {
            state.process->start_time = StartTime{*ticks};
        }
    }
    const auto restart = file.find("restart_requested");
    state.restart_requested = restart != file.end() && *restart == true;
    return state;
}

bool was_alive(const std::optional<std::string>& gateway_state) {
    return gateway_state == "running" || gateway_state == "draining" || gateway_state == "degraded";
}

bool comes_back(const GatewayState& state) {
    return was_alive(state.gateway_state) ||
           (state.gateway_state == "stopped" && state.restart_requested);
}

} // namespace gw
