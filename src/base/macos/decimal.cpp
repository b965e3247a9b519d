#include "base/decimal.hpp"

#include <stdlib.h> // NOLINT(modernize-deprecated-headers): strtod_l is not in <cstdlib>
#include <string>
#include <xlocale.h>

namespace gw {

std::optional<double> parse_decimal(std::string_view text) {
    // strtod(3) also takes blanks, hexadecimal numbers and a plus.
    const bool plain = text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
    if (!plain || text.empty() || text.front() == '+') {
        return std::nullopt;
    }
    const std::string copy(text);
    char* end = nullptr;
    const double value = ::strtod_l(copy.c_str(), &end, nullptr);
    return end == copy.c_str() + copy.size() ? std::optional(value) : std::nullopt;
}

} // namespace gw
