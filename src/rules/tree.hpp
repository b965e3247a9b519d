/// The two kinds of supervision tree that gateways live in, and what s6-svscan is told in one of
/// the gateways' own. Pure.
#pragma once

#include "base/argv.hpp"
#include "base/error.hpp"
#include "rules/time_limits.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// Whose s6-svscan it is.
enum class TreeKind {
    shared, ///< the container's, which is root's: slots leave root by themselves
    own,    ///< the gateways' user's (`gatewayctl tree`): nothing below it is root
};

std::string_view to_string(TreeKind kind);
std::optional<TreeKind> parse_tree_kind(std::string_view text);

/// The scandir of a kind where none is named.
std::string default_scandir(TreeKind kind);

/// In the scandir of a tree of the user's own. s6-svscan ignores names that begin with a dot.
inline constexpr const char* own_tree_mark = ".gatewayctl.own-tree";
/// Its content, once a boot pass has gone over that scandir.
inline constexpr std::string_view passed_word = "passed\n";

/// How s6-svscan is told how many services it takes.
struct SvscanCapacity {
    char option =
        'C'; ///< `-c` of s6 up to 2.12 counts services, `-C` of later ones their loggers too
    std::size_t number = 0;
};

/// Room for that many gateways, and for as many again that are registered later. `usage` is what
/// s6-svscan says to an option that it does not know: each version dies of the other's option.
/// nullopt when neither is in it: then its own default counts.
std::optional<SvscanCapacity> svscan_capacity(std::string_view usage, std::size_t gateways);

/// The command that the tree becomes. `ready_fd`: where s6-svscan says that it listens.
Argv svscan_command(const std::optional<SvscanCapacity>& capacity, int ready_fd,
                    const std::string& scandir);

/// What the init gives the service of a tree to end in (`timeout-kill`): each gateway's own time
/// has run out before.
constexpr seconds tree_kill_timeout(seconds drain) {
    return stop_deadline(drain);
}

} // namespace gw
