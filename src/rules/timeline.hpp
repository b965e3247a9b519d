/// What became of a gateway over time, as spans one after the other. Pure.
#pragma once

#include "base/moment.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// What a gateway was for a while.
enum class SpanKind {
    unknown,        ///< before anything was recorded
    up,             ///< its process ran
    draining,       ///< it finished its work
    down,           ///< it had ended as somebody had asked, or by itself and well
    crashed,        ///< it had died, until its next start
    parked,         ///< it had died too often, until somebody started it
    container_stop, ///< its container, machine or member had stopped it, until the next boot
};
std::string_view to_string(SpanKind kind);
/// Those of which something is known, as a legend has them.
inline constexpr std::array known_span_kinds{SpanKind::up,     SpanKind::draining,
                                             SpanKind::down,   SpanKind::crashed,
                                             SpanKind::parked, SpanKind::container_stop};

struct Span {
    SpanKind kind = SpanKind::unknown;
    WallTime from{};
    WallTime to{};
    std::int64_t pid = 0; ///< while it was up; 0: not known
    std::string detail;   ///< how it came to be so, for people; not printable yet
};

/// Something that was recorded of a gateway, or of its container.
struct TimelineEvent {
    enum class What { began, draining, ended, crashed, parked, boot };
    What what = What::began;
    WallTime at{};
    std::int64_t pid = 0;
    std::string cause; ///< of an end, the word of rules/verdict.hpp
    std::string detail;
};

/// Moments in the order in which they were recorded, made to agree with it: the clock may have been
/// set in between, forward or back. What most of them agree on is believed; another one is put
/// beside the one before it.
void settle(std::span<WallTime> moments);

/// From the first event to `now`. Events are sorted by time first. A life whose end nobody recorded
/// (the machine went down) ends at the boot after it; an unmarked signal is the end of a container,
/// and the end by its fence that of a fleet's member.
std::vector<Span> timeline_of(std::vector<TimelineEvent> events, WallTime now);

/// One character for each of `columns` equal parts of the time from `from` to `to`: what the
/// gateway was at the end of that part, or the worst that it was in between.
std::string bar_of(std::span<const Span> spans, WallTime from, WallTime to, std::size_t columns);
/// The characters of `bar_of`, for a legend.
std::string_view mark_of(SpanKind kind);

} // namespace gw
