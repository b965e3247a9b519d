#include "rules/fence.hpp"

#include "base/numbers.hpp"

#include <fmt/format.h>

namespace gw {

namespace {

/// The line without its end; nullopt when there is none, which a write that was cut short leaves.
std::optional<std::string_view> whole_line(std::string_view bytes) {
    return bytes.ends_with('\n') ? std::optional(bytes.substr(0, bytes.size() - 1)) : std::nullopt;
}

} // namespace

std::string lease_text(const Lease& lease) {
    return fmt::format("{} {}\n", lease.deadline.count(), lease.length.count());
}

std::optional<Lease> parse_lease(std::string_view bytes) {
    const auto line = whole_line(bytes);
    const auto space = line ? line->find(' ') : std::string_view::npos;
    if (space == std::string_view::npos) {
        return std::nullopt;
    }
    const auto deadline = parse_number<std::int64_t>(line->substr(0, space));
    const auto length = parse_number<std::int64_t>(line->substr(space + 1));
    if (!deadline || !length || *deadline < 0 || *length <= 0 || *length > *deadline) {
        return std::nullopt;
    }
    return Lease{BootTime(*deadline), std::chrono::nanoseconds(*length)};
}

std::string token_text(FencingToken token) {
    return fmt::format("{}\n", token.value);
}

std::optional<FencingToken> parse_token(std::string_view bytes) {
    const auto line = whole_line(bytes);
    const auto value = line ? parse_number<std::int64_t>(*line) : std::nullopt;
    return value && *value > 0 ? std::optional(FencingToken{*value}) : std::nullopt;
}

FenceVerdict judge_fence(const Fence& fence, std::optional<FencingToken> held, BootTime now) {
    if (!fence.lease || !fence.token || (held && *held != *fence.token)) {
        return FenceVerdict::closed;
    }
    const auto times = fence_times(*fence.lease);
    return now >= times.kill    ? FenceVerdict::closed
           : now >= times.drain ? FenceVerdict::ending
                                : FenceVerdict::open;
}

std::string describe_closed(const Fence& fence, BootTime now) {
    if (!fence.problem.empty()) {
        return fence.problem;
    }
    if (!fence.lease) {
        return "this member has no lease";
    }
    if (now >= fence_times(*fence.lease).drain) {
        const auto left = std::chrono::duration<double>(fence.lease->deadline - now).count();
        return left > 0 ? fmt::format(
                              "the lease of this member was not renewed and ends in {:.1f} s", left)
                        : fmt::format("the lease of this member ended {:.1f} s ago", -left);
    }
    return fence.token ? "its place was another member's meanwhile"
                       : "this member does not have its place";
}

} // namespace gw
