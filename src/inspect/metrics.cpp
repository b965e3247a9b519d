#include "inspect/metrics.hpp"

#include <fmt/format.h>
#include <functional>

namespace gw::inspect {

namespace {

/// One metric of each gateway; nullopt leaves a gateway out.
struct Metric {
    std::string_view name;
    std::string_view help;
    std::function<std::optional<double>(const GatewayStatus&)> value;
};

std::optional<double> as_number(bool value) {
    return value ? 1 : 0;
}

const std::vector<Metric>& metrics() {
    static const std::vector<Metric> all = {
        {"gatewayctl_gateway_up", "Whether its process runs.",
         [](const auto& s) { return s.service_error ? std::nullopt : as_number(s.service.up); }},
        {"gatewayctl_gateway_ready",
         "Whether it has said that it is ready; absent where it does not tell.",
         [](const auto& s) {
             return s.service.ready ? as_number(*s.service.ready) : std::nullopt;
         }},
        {"gatewayctl_gateway_registered", "Whether its supervisor knows it.",
         [](const auto& s) {
             return s.service_error ? std::nullopt : as_number(s.service.registered);
         }},
        {"gatewayctl_gateway_wanted", "Whether its operator wants it up; absent without an intent.",
         [](const auto& s) -> std::optional<double> {
             const auto kind = s.intent.resolved.kind;
             const bool known = kind == Intent::Kind::running || kind == Intent::Kind::stopped;
             return known ? as_number(kind == Intent::Kind::running) : std::nullopt;
         }},
        {"gatewayctl_gateway_parked", "Whether it died too often and is not started again.",
         [](const auto& s) { return as_number(s.parked.has_value()); }},
        {"gatewayctl_gateway_deaths", "Deaths in a row.",
         [](const auto& s) { return std::optional<double>(s.deaths.count); }},
        {"gatewayctl_gateway_trouble", "Whether it is not as its operator wants it.",
         [](const auto& s) { return as_number(is_in_trouble(s)); }},
        {"gatewayctl_gateway_state_change_timestamp_seconds",
         "When it last went up or down, in seconds since the epoch.",
         [](const auto& s) -> std::optional<double> {
             return s.service.since ? std::optional(static_cast<double>(*s.service.since))
                                    : std::nullopt;
         }},
        {"gatewayctl_gateway_drain_elapsed_seconds",
         "How long it has been finishing its work; absent while it does not.",
         [](const auto& s) -> std::optional<double> {
             return s.drain ? std::optional(static_cast<double>(s.drain->elapsed.count()))
                            : std::nullopt;
         }},
    };
    return all;
}

std::string heading(std::string_view name, std::string_view help) {
    return fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n", name, help);
}

} // namespace

std::string metrics_text(const Overview& all, std::string_view manager, std::string_view version) {
    auto text =
        heading("gatewayctl_info", "Which version looks at which supervisor.") +
        fmt::format("gatewayctl_info{{version=\"{}\",manager=\"{}\"}} 1\n", version, manager);
    for (const auto& metric : metrics()) {
        std::string samples;
        for (const auto& status : all.gateways) {
            if (const auto value = metric.value(status)) {
                // A profile's name holds nothing that would have to be escaped.
                samples += fmt::format("{}{{profile=\"{}\"}} {}\n", metric.name,
                                       status.profile.str(), *value);
            }
        }
        text += samples.empty() ? "" : heading(metric.name, metric.help) + samples;
    }
    text += heading("gatewayctl_profiles", "Profiles and services on the volume, by their state.");
    for (const auto& [state, count] : counts_of(all)) {
        text += fmt::format("gatewayctl_profiles{{state=\"{}\"}} {}\n", state, count);
    }
    return text;
}

} // namespace gw::inspect
