/// What is kept with a profile for its service, whatever the supervisor: its port, its own
/// environment, and whether it was unregistered. The scandir is wiped at every container start, so
/// it cannot live there.
#pragma once

#include "base/environment.hpp"
#include "rules/registration.hpp"

#include <cstdint>
#include <optional>

namespace gw {

struct ServiceSettings {
    std::optional<std::uint16_t> port;
    Environment environment;
    std::optional<Unregistration> unregistered;
    friend bool operator==(const ServiceSettings&, const ServiceSettings&) = default;
};

} // namespace gw
