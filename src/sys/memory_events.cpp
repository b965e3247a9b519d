#include "sys/memory_events.hpp"

#include "base/numbers.hpp"
#include "sys/control_group.hpp"

#include <array>
#include <string>
#include <string_view>

namespace gw::sys {

namespace {

std::optional<std::uint64_t> counter(std::string_view text) {
    constexpr std::string_view key = "oom_kill ";
    const auto at = text.starts_with(key) ? 0 : text.find("\noom_kill ");
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(at + key.size() + (at == 0 ? 0 : 1));
    return leading_number<std::uint64_t>(text);
}

} // namespace

std::optional<std::uint64_t> oom_kills() {
    const std::array<GroupFile, 2> places = {
        GroupFile{":memory:", "/sys/fs/cgroup/memory", "memory.oom_control"},
        GroupFile{"0::", "/sys/fs/cgroup", "memory.events"},
    };
    for (const auto& text : group_texts(places)) {
        if (const auto value = counter(text)) {
            return value;
        }
    }
    return std::nullopt;
}

} // namespace gw::sys
