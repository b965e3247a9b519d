#include "rules/port.hpp"

#include <array>
#include <mbedtls/sha256.h>

namespace gw {

std::optional<std::uint16_t> choose_port(const ProfileName& profile,
                                         const std::set<std::uint16_t>& taken) {
    std::array<unsigned char, 32> digest{};
    const auto& name = profile.str();
    constexpr int sha256_not_sha224 = 0;
    mbedtls_sha256_ret(reinterpret_cast<const unsigned char*>(name.data()), name.size(),
                       digest.data(), sha256_not_sha224);
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
