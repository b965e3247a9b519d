/// The two configuration files, read from disk as the program reads them.
#include "fuzz.hpp"
#include "rules/settings.hpp"
#include "store/config_file.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

using namespace gw;

namespace {

/// A directory of this process alone; gone at its end.
class Home {
  public:
    Home() {
        std::string path = (std::filesystem::temp_directory_path() / "fuzz-config-XXXXXX").string();
        fuzz::require(::mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~Home() { std::filesystem::remove_all(path_); }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Home home;
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
