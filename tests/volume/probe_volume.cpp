// probe-volume DIRECTORY: a line for each thing that the volume below it cannot do.
#include "sys/system_effects.hpp"

#include <fmt/format.h>

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    const auto directory = gw::sys::Directory::open(argv[1]);
    gw::sys::SystemEffects effects;
    const auto found =
        directory ? effects.probe_volume(*directory) : std::unexpected(directory.error());
    if (!found) {
        fmt::print(stderr, "{}\n", found.error().message);
        return 1;
    }
    for (const auto& [operation, problem] : *found) {
        fmt::print("{}: {}\n", problem, gw::sys::consequence_of(operation));
    }
}
