#include "rules/fleet_settings.hpp"

#include "base/numbers.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw {

namespace {

constexpr std::uint16_t etcd_port = 2379;

/// Host and port, with the brackets that an address of IPv6 has in a URL.
std::optional<FleetEndpoint> parse_authority(std::string_view text, bool tls) {
    const bool bracketed = text.starts_with('[');
    const auto host_end = bracketed ? text.find(']') : text.find(':');
    if (bracketed && host_end == std::string_view::npos) {
        return std::nullopt;
    }
    const auto host =
        bracketed ? text.substr(1, host_end - 1) : text.substr(0, std::min(host_end, text.size()));
    const auto rest =
        bracketed ? text.substr(host_end + 1) : text.substr(std::min(host_end, text.size()));
    std::uint16_t port = etcd_port;
    if (!rest.empty()) {
        port = rest.front() == ':' ? parse_number<std::uint16_t>(rest.substr(1)).value_or(0) : 0;
    }
    const bool is_host = !host.empty() && host.find_first_of("/@?#[] \t") == std::string_view::npos;
    return is_host && port != 0 ? std::optional(FleetEndpoint{tls, std::string(host), port})
                                : std::nullopt;
}

} // namespace

std::string_view to_string(Spread spread) {
    return spread == Spread::gateway ? "gateway" : "volume";
}

std::optional<Spread> parse_spread(std::string_view word) {
    for (const auto spread : {Spread::volume, Spread::gateway}) {
        if (word == to_string(spread)) {
            return spread;
        }
    }
    return std::nullopt;
}

std::optional<int> parse_capacity(std::string_view text) {
    const auto number = parse_number<int>(text);
    return number && *number > 0 && *number <= most_fleet_capacity ? number : std::nullopt;
}

std::optional<FleetEndpoint> parse_endpoint(std::string_view url) {
    for (const bool tls : {false, true}) {
        const std::string_view scheme = tls ? "https://" : "http://";
        if (url.starts_with(scheme)) {
            url.remove_prefix(scheme.size());
            if (url.ends_with('/')) {
                url.remove_suffix(1);
            }
            return parse_authority(url, tls);
        }
    }
    return std::nullopt;
}

std::string to_string(const FleetEndpoint& endpoint) {
    const bool v6 = endpoint.host.find(':') != std::string::npos;
    return fmt::format("{}://{}{}{}:{}", endpoint.tls ? "https" : "http", v6 ? "[" : "",
                       endpoint.host, v6 ? "]" : "", endpoint.port);
}

std::vector<std::string> problems_of(const FleetSettings& fleet) {
    auto problems = fleet.problems;
    const bool tls = std::ranges::any_of(fleet.endpoints, &FleetEndpoint::tls);
    const bool has_files =
        !fleet.ca_file.empty() || !fleet.cert_file.empty() || !fleet.key_file.empty();
    if (fleet.endpoints.empty()) {
        problems.emplace_back("no endpoint of etcd is named");
    }
    if (fleet.cert_file.empty() != fleet.key_file.empty()) {
        problems.emplace_back("a certificate needs its key, and a key its certificate");
    }
    if (has_files && !tls) {
        problems.emplace_back("there are certificates, and no endpoint begins with https://");
    }
    if (fleet.user.empty() != fleet.password_file.empty()) {
        problems.emplace_back("a user needs a password_file, and a password_file its user");
    }
    return problems;
}

std::string to_text(const FleetSettings& fleet) {
    std::string endpoints;
    for (const auto& endpoint : fleet.endpoints) {
        endpoints += (endpoints.empty() ? "" : ", ") + to_string(endpoint);
    }
    return fmt::format("{} over {} below {}", to_string(fleet.spread),
                       endpoints.empty() ? "no endpoint" : endpoints, fleet.prefix);
}

} // namespace gw
