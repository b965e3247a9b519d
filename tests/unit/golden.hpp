/// Rendered text compared with what is kept in tests/golden. GATEWAYCTL_UPDATE_GOLDEN=1 writes it
/// anew: look at the difference before you commit it.
#pragma once

#include "support.hpp"

#include <cstdlib>

namespace gw::test {

inline void check_golden(const std::string& name, const std::string& text) {
    const auto path = data_directory() / "golden" / name;
    if (std::getenv("GATEWAYCTL_UPDATE_GOLDEN") != nullptr) { // NOLINT(concurrency-mt-unsafe)
        std::ofstream(path, std::ios::binary) << text;
    }
    CHECK(content_of(path) == text);
}

} // namespace gw::test
