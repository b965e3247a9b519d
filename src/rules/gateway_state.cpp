#include "rules/gateway_state.hpp"

#include "base/json_fields.hpp"

namespace gw {

namespace {
constexpr const char* steady_key = "last_steady_state";
constexpr const char* starting = "starting";
} // namespace

GatewayState read_gateway_state(const Json& file) {
    GatewayState state;
    if (const auto found = file.find("gateway_state"); found != file.end()) {
        state.gateway_state = word_of(*found);
        if (found->is_null()) {
            state.gateway_state.reset();
        }
    }
    if (const auto found = file.find("desired_state"); found != file.end() && !found->is_null()) {
        state.desired = found->is_string() ? parse_desired(word_of(*found))
                                           : DesiredWord{std::nullopt, word_of(*found)};
    }
    state.desired_generation = number_field<std::uint64_t>(file, "desired_generation");
    state.process = process_field(file);
    state.restart_requested = is_true(file, "restart_requested");
    if (const auto steady = text_field(file, steady_key); !steady.empty()) {
        state.last_steady_state = steady;
    }
    state.updated_at = parse_rfc3339(text_field(file, "updated_at"));
    if (const auto seconds = number_field<std::int32_t>(file, "updated_at")) {
        state.updated_at = WallTime{std::chrono::seconds{*seconds}};
    }
    return state;
}

bool was_alive(const std::optional<std::string>& gateway_state) {
    return gateway_state == "running" || gateway_state == "draining" || gateway_state == "degraded";
}

bool comes_back(const GatewayState& state) {
    return was_alive(state.gateway_state) ||
           (state.gateway_state == "stopped" && state.restart_requested) ||
           (state.gateway_state == starting && was_alive(state.last_steady_state));
}

void keep_steady_state(Json& file) {
    const auto before = read_gateway_state(file);
    if (comes_back(before)) {
        file[steady_key] = "running";
    } else if (before.gateway_state && before.gateway_state != starting) {
        file[steady_key] = *before.gateway_state;
    }
}

void forget_life(Json& file) {
    for (const char* key : {"gateway_state", "pid", "start_time", "argv", "kind", "front_pid",
                            "exit_reason", "restart_requested", steady_key, "active_agents",
                            "platforms", "updated_at", "desired_state", "desired_generation"}) {
        file.erase(key);
    }
}

void drop_steady_state(Json& file) {
    file.erase(steady_key);
}

} // namespace gw
