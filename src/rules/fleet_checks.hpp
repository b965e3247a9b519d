/// What `doctor` finds wrong with the fleet of a member. Pure: facts in, findings out.
#pragma once

#include "base/error.hpp"
#include "base/finding.hpp"
#include "base/moment.hpp"
#include "rules/etcd_messages.hpp"
#include "rules/fleet_keys.hpp"
#include "rules/fleet_settings.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw {

/// One member of etcd, asked by itself.
struct EndpointFacts {
    std::string url;
    Result<etcd::Status> status;
    std::optional<seconds> ahead{}; ///< its wall clock, before this machine's; whole seconds
};

struct CertificateFacts {
    std::string file;
    Result<WallTime> ends; ///< the first of those in the file
};

struct FleetFacts {
    std::vector<std::string> problems{}; ///< of the configuration
    std::string member{};                ///< this one
    seconds ttl = default_fleet_ttl;
    seconds drain{0};
    std::vector<EndpointFacts> endpoints{};
    std::vector<CertificateFacts> certificates{};
    Result<FleetPicture> picture; ///< with the times of leases
    WallTime now{};
};
std::vector<Finding> check_fleet(const FleetFacts& facts);

/// What a gateway has for its drain where its member is cut off (fence_times of rules/fence.hpp).
seconds drain_within_lease(seconds ttl);

/// How far apart the wall clocks of two machines may be: records of stops and lives are compared
/// across them to the second, and etcd says its time in whole seconds.
inline constexpr seconds fleet_clock_tolerance{10};
/// So long before its end a certificate is to be renewed.
inline constexpr std::chrono::days certificate_warning{14};

} // namespace gw
