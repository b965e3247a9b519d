/// A state file: whatever the bytes, an answer; and what is written back is what was read.
#include "base/text.hpp"
#include "fuzz.hpp"
#include "rules/gateway_state.hpp"

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_json_object(fuzz::as_text(data, size));
    if (!parsed) {
        fuzz::require(parsed.error().code == Errc::corrupt);
        return 0;
    }
    const auto state = read_gateway_state(*parsed);
    (void)was_alive(state.gateway_state);
    fuzz::require(!state.process || state.process->pid.value > 0);
    const std::string line = to_json_line(*parsed);
    fuzz::require(line.find('\n') == line.size() - 1);
    if (const auto again = parse_json_object(line)) {
        fuzz::require(to_json_line(*again) == line);
    } else {
        fuzz::require(line.size() > max_json_bytes); // escapes can make it longer
    }
    return 0;
}
