/// A marker and the rule, for readers that know much and little.
#include "fuzz.hpp"
#include "rules/marker.hpp"

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Moment known{WallTime(std::chrono::hours(500'000)), BootClock(1'000'000), "b"};
    const Moment unknown{WallTime(std::chrono::hours(500'000)), BootClock(0), ""};
    const MarkerReader readers[] = {
        {{Pid{3842}, StartTime{274219}}, "/opt/data", known, BootClock(500'000)},
        {{Pid{3842}, std::nullopt}, "", known, std::nullopt},
        {{Pid{3842}, std::nullopt}, "", unknown, BootClock(0)},
    };
    for (const auto kind : {MarkerKind::planned_stop, MarkerKind::takeover}) {
        const auto marker = parse_marker(kind, fuzz::as_text(data, size));
        if (!marker) {
            continue;
        }
        fuzz::require(marker->target.pid.value > 0);
        for (const auto& reader : readers) {
            const auto alive = judge(*marker, reader, true);
            const auto dead = judge(*marker, reader, false);
            fuzz::require(dead != MarkerVerdict::names_other);
            fuzz::require(alive == dead || alive == MarkerVerdict::names_other);
        }
        const auto again = parse_marker(kind, marker_text(kind, *marker));
        fuzz::require(again && again->target == marker->target &&
                      again->written_since_boot == marker->written_since_boot);
    }
    return 0;
}
