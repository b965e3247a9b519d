#include "rules/port.hpp"

#include "base/sha256.hpp"

namespace gw {

std::optional<std::uint16_t> choose_port(const ProfileName& profile,
                                         const std::set<std::uint16_t>& taken) {
    const auto digest = sha256(profile.str());
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i) {
        number = number << 8U | digest[i];
    }
    constexpr unsigned range = end_of_ports - first_port;
    for (unsigned i = 0; i < range; ++i) {
        const auto port = static_cast<std::uint16_t>(first_port + (number + i) % range);
        if (!taken.contains(port)) {
            return port;
        }
    }
    return std::nullopt;
}

} // namespace gw
