/// The order in which people look for names.
#pragma once

#include <string_view>

namespace gw {

/// Byte by byte, a run of digits as the number that it is: w2 before w10. Names that differ only in
/// leading zeros are told apart by their bytes.
bool natural_less(std::string_view a, std::string_view b);

/// Names of profiles: `default` first, then in their natural order.
bool profile_less(std::string_view a, std::string_view b);

} // namespace gw
