#include "sys/memory_events.hpp"

#include "base/numbers.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace gw::sys {

namespace {

constexpr std::size_t limit = std::size_t{1} << 14U;

std::string read_text(const std::string& directory, const std::string& name) {
    const auto opened = Directory::open(directory);
    return opened ? read_file(*opened, name, limit).bytes : std::string();
}

/// The path behind a controller in /proc/<pid>/cgroup (cgroups(7)): "0::/a" or "4:memory:/a".
std::optional<std::string> group_path(std::string_view groups, std::string_view controller) {
    while (!groups.empty()) {
        const auto end = std::min(groups.find('\n'), groups.size());
        const auto line = groups.substr(0, end);
        groups.remove_prefix(std::min(end + 1, groups.size()));
        const auto mark = line.find(controller);
        if (mark != std::string_view::npos) {
            return std::string(line.substr(mark + controller.size()));
        }
    }
    return std::nullopt;
}

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
    const std::string groups = read_text("/proc/self", "cgroup");
    struct Place {
        std::string_view controller;
        std::string root;
        std::string file;
    };
    const std::array<Place, 2> places = {
        Place{":memory:", "/sys/fs/cgroup/memory", "memory.oom_control"},
        Place{"0::", "/sys/fs/cgroup", "memory.events"},
    };
    for (const auto& place : places) {
        const auto path = group_path(groups, place.controller);
        if (!path) {
            continue;
        }
        // Inside a container the path may be the host's: its own group is then the mount's root.
        for (const auto& directory : {place.root + *path, place.root}) {
            if (const auto value = counter(read_text(directory, place.file))) {
                return value;
            }
        }
    }
    return std::nullopt;
}

} // namespace gw::sys
