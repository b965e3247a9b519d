/// The two configuration files, read from disk as the program reads them.
#include "fuzz.hpp"
#include "rules/settings.hpp"
#include "scratch.hpp"
#include "store/config_file.hpp"

#include <fstream>

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const fuzz::Scratch home("fuzz-config");
    for (const char* name : {"gatewayctl.yaml", "config.yaml"}) {
        std::ofstream(home.path() / name, std::ios::binary) << fuzz::as_text(data, size);
    }
    const auto config = store::read_config(home.path().string(), std::nullopt);
    const auto settings = resolve_settings(
        Surroundings{},
        [](const std::string&) -> std::optional<std::string> { return std::nullopt; }, config);
    fuzz::require(!settings.command.empty() && !settings.default_command.empty());
    (void)command_of(settings, ProfileName::root());
    return 0;
}
