/// How many services an s6-svscan takes. Beyond that it says so on its own output and goes on with
/// those that it has. Pure.
#pragma once

#include "base/argv.hpp"

#include <optional>
#include <string_view>

namespace gw {

/// `-c N` of s6 up to 2.12, `-C N` of later ones (s6-svscan(8)).
struct SvscanLimit {
    int services = 500; ///< the default of `-c`; that of `-C` is 1000
    bool is_said = false;
};

/// Of the s6-svscan with these words; nullopt when they are of something else, or of another
/// scandir.
std::optional<SvscanLimit> svscan_limit(const Argv& words, std::string_view scandir);

} // namespace gw
