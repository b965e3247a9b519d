#include "base/sha256.hpp"

#include <CommonCrypto/CommonDigest.h>

namespace gw {

std::array<unsigned char, sha256_bytes> sha256(std::string_view bytes) {
    std::array<unsigned char, sha256_bytes> digest{};
    CC_SHA256(bytes.data(), static_cast<CC_LONG>(bytes.size()), digest.data());
    return digest;
}

} // namespace gw
