#include "base/sha256.hpp"

#include <mbedtls/sha256.h>

namespace gw {

std::array<unsigned char, sha256_bytes> sha256(std::string_view bytes) {
    std::array<unsigned char, sha256_bytes> digest{};
    constexpr int not_sha224 = 0;
    mbedtls_sha256_ret(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                       digest.data(), not_sha224);
    return digest;
}

} // namespace gw
