#include "rules/tree.hpp"

#include <algorithm>

namespace gw {

namespace {

/// Room that an image without any profile has.
constexpr std::size_t least_services = 1000;
/// The most that s6-svscan takes (`-c` of s6 2.11).
constexpr std::size_t most_services = 160'000;

} // namespace

std::string_view to_string(TreeKind kind) {
    return kind == TreeKind::own ? "own" : "shared";
}

std::optional<TreeKind> parse_tree_kind(std::string_view text) {
    for (const auto kind : {TreeKind::own, TreeKind::shared}) {
        if (text == to_string(kind)) {
            return kind;
        }
    }
    return std::nullopt;
}

std::string default_scandir(TreeKind kind) {
    return kind == TreeKind::own ? "/run/gatewayctl/service" : "/run/service";
}

std::optional<SvscanCapacity> svscan_capacity(std::string_view usage, std::size_t gateways) {
    const std::size_t services = gateways * 2 + least_services;
    if (usage.find(" -C ") != usage.npos) {
        return SvscanCapacity{'C', std::min(services * 2, most_services)};
    }
    if (usage.find(" -c ") != usage.npos) {
        return SvscanCapacity{'c', std::min(services, most_services)};
    }
    return std::nullopt;
}

Argv svscan_command(const std::optional<SvscanCapacity>& capacity, int ready_fd,
                    const std::string& scandir) {
    Argv words = {"s6-svscan"};
    if (capacity) {
        words.insert(words.end(), {{'-', capacity->option}, std::to_string(capacity->number)});
    }
    words.insert(words.end(), {"-d", std::to_string(ready_fd), "--", scandir});
    return words;
}

} // namespace gw
