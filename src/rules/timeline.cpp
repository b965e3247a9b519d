#include "rules/timeline.hpp"

#include "rules/verdict.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace gw {

namespace {

struct Words {
    std::string_view word;
    std::string_view mark;
};
// In the order of SpanKind; of two in one place the later one is shown.
constexpr std::array<Words, 7> words = {{{"unknown", " "},
                                         {"up", "█"},
                                         {"draining", "▒"},
                                         {"down", "·"},
                                         {"crashed", "x"},
                                         {"parked", "P"},
                                         {"container stop", "|"}}};

using What = TimelineEvent::What;

bool is_alive(SpanKind kind) {
    return kind == SpanKind::up || kind == SpanKind::draining;
}

SpanKind after_end(const TimelineEvent& event) {
    const bool by_container = event.cause == to_string(EndCause::unmarked_signal) ||
                              event.cause == to_string(EndCause::fenced);
    return by_container ? SpanKind::container_stop : SpanKind::down;
}

/// What a gateway is after an event, that was `before` until then; nullopt: nothing new.
std::optional<SpanKind> after(const TimelineEvent& event, SpanKind before) {
    switch (event.what) {
    case What::began:
        return SpanKind::up;
    case What::draining:
        return SpanKind::draining;
    case What::ended:
        return after_end(event);
    case What::crashed:
        return SpanKind::crashed;
    case What::parked:
        return SpanKind::parked;
    case What::boot:
        break;
    }
    return is_alive(before) ? std::optional(SpanKind::container_stop) : std::nullopt;
}

} // namespace

std::string_view to_string(SpanKind kind) {
    return words.at(static_cast<std::size_t>(kind)).word;
}

std::string_view mark_of(SpanKind kind) {
    return words.at(static_cast<std::size_t>(kind)).mark;
}

void settle(std::span<WallTime> moments) {
    // The longest row of moments that never goes back: for each length the row whose last moment is
    // the earliest, and for each moment the one before it in its row.
    constexpr std::size_t none = SIZE_MAX;
    std::vector<std::size_t> last_of_length;
    std::vector<std::size_t> before(moments.size(), none);
    for (std::size_t i = 0; i < moments.size(); ++i) {
        const auto longer =
            std::upper_bound(last_of_length.begin(), last_of_length.end(), moments[i],
                             [&](WallTime at, std::size_t one) { return at < moments[one]; });
        before[i] = longer == last_of_length.begin() ? none : *std::prev(longer);
        if (longer == last_of_length.end()) {
            last_of_length.push_back(i);
        } else {
            *longer = i;
        }
    }
    std::vector<bool> is_believed(moments.size(), false);
    auto first = moments.size();
    for (auto i = last_of_length.empty() ? none : last_of_length.back(); i != none; i = before[i]) {
        is_believed[i] = true;
        first = i;
    }
    for (std::size_t i = 0; i < moments.size(); ++i) {
        if (!is_believed[i]) {
            moments[i] = moments[i < first ? first : i - 1];
        }
    }
}

std::vector<Span> timeline_of(std::vector<TimelineEvent> events, WallTime now) {
    std::stable_sort(events.begin(), events.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    std::vector<Span> spans;
    for (auto& event : events) {
        const auto before = spans.empty() ? SpanKind::unknown : spans.back().kind;
        const auto kind = after(event, before);
        if (!kind) {
            continue;
        }
        if (!spans.empty()) {
            spans.back().to = event.at;
        }
        const bool says_why = event.what != What::boot;
        spans.push_back({*kind, event.at, now, event.pid,
                         says_why ? std::move(event.detail) : "its end was not recorded"});
    }
    if (!spans.empty()) {
        spans.back().to = std::max(now, spans.back().from);
    }
    return spans;
}

std::string bar_of(std::span<const Span> spans, WallTime from, WallTime to, std::size_t columns) {
    const auto width = std::max<std::int64_t>((to - from).count(), 1);
    const auto column_at = [&](WallTime at) {
        const auto part = static_cast<double>((at - from).count()) / static_cast<double>(width);
        const auto column = static_cast<std::int64_t>(part * static_cast<double>(columns));
        return static_cast<std::size_t>(
            std::clamp<std::int64_t>(column, 0, static_cast<std::int64_t>(columns) - 1));
    };
    std::vector<SpanKind> kinds(columns, SpanKind::unknown);
    for (const auto& span : spans) {
        const auto first = column_at(span.from);
        for (auto i = first; i <= column_at(span.to); ++i) {
            // A short crash is not hidden by the long life that follows it in the same column.
            kinds[i] = i == first ? std::max(kinds[i], span.kind) : span.kind;
        }
    }
    std::string bar;
    for (const auto kind : kinds) {
        bar += mark_of(kind);
    }
    return bar;
}

} // namespace gw
