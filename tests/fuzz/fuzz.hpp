/// What the targets share: the entry point libFuzzer calls, and a check that holds in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace gw::fuzz {

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the program, which is how a fuzzer learns that a property does not hold.
inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

} // namespace gw::fuzz
