/// How a member of a fleet reaches the others, as `fleet` of the configuration says it. Pure.
#pragma once

#include "rules/time_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// What one member has: all gateways of a volume, or each gateway by itself.
enum class Spread { volume, gateway };
std::string_view to_string(Spread spread);
/// nullopt for a word that nobody knows.
std::optional<Spread> parse_spread(std::string_view word);

/// The weight of a member: a whole number above 0, at most `most_fleet_capacity`. nullopt for
/// anything else.
std::optional<int> parse_capacity(std::string_view text);

/// One member of etcd.
struct FleetEndpoint {
    bool tls = false;
    std::string host; ///< a name or an address, without brackets
    std::uint16_t port = 0;
    friend bool operator==(const FleetEndpoint&, const FleetEndpoint&) = default;
};
/// "https://etcd-1:2379", "http://[::1]:2379"; the port is 2379 where none is said. nullopt for
/// anything else.
std::optional<FleetEndpoint> parse_endpoint(std::string_view url);
std::string to_string(const FleetEndpoint& endpoint);

/// The lease of a member ends so long after the last renewal that etcd has seen. etcd takes whole
/// seconds; below five, one lost packet would cost a member its gateways.
inline constexpr seconds least_fleet_ttl{5};
inline constexpr seconds most_fleet_ttl{3600};
inline constexpr seconds default_fleet_ttl{30};
inline constexpr const char* default_fleet_prefix = "/gatewayctl";
inline constexpr int most_fleet_capacity = 1'000'000;
inline constexpr std::string_view capacity_form = "a whole number above 0";

struct FleetSettings {
    std::vector<FleetEndpoint> endpoints{};
    std::string prefix = default_fleet_prefix; ///< of every key; without a slash at its end
    seconds ttl = default_fleet_ttl;
    Spread spread = Spread::volume;
    int capacity = 1;        ///< the weight of this member beside the others
    std::string ca_file{};   ///< who may sign for etcd; empty: whom the system trusts
    std::string cert_file{}; ///< of this member, for etcd; with `key_file`, or neither
    std::string key_file{};
    std::string user{}; ///< empty: etcd asks for no password
    std::string password_file{};
    /// What of it is not understood. A member that does not know what it was told starts nothing.
    std::vector<std::string> problems{};
};

/// What cannot be together, or is missing; empty: it can be used.
std::vector<std::string> problems_of(const FleetSettings& fleet);

/// "volume over http://etcd-1:2379, … below /gatewayctl", for people.
std::string to_text(const FleetSettings& fleet);

} // namespace gw
