/// RFC 3339: what is accepted is written back as the same moment.
#include "base/moment.hpp"
#include "fuzz.hpp"

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto time = parse_rfc3339(fuzz::as_text(data, size));
    if (!time) {
        return 0;
    }
    fuzz::require(parse_rfc3339(to_rfc3339(*time)) == time);
    (void)to_compact_utc(*time);
    return 0;
}
