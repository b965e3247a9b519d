/// What is read line by line: the boot history, the lives of a profile, a logger's files.
#include "fuzz.hpp"
#include "inspect/log_reader.hpp"
#include "scratch.hpp"
#include "store/boot_log.hpp"
#include "store/life_log.hpp"

#include <fstream>

using namespace gw;

namespace {

/// A home in which each of these files has the same bytes.
class Home : public fuzz::Scratch {
  public:
    Home() : Scratch("fuzz-log") {
        std::filesystem::create_directories(path() / "logs");
        std::filesystem::create_directories(path() / "state");
        std::filesystem::create_directories(path() / "log");
    }
    void fill(std::string_view bytes) const {
        for (const char* name : {"logs/boot-history.jsonl", "state/gateway.lives.jsonl",
                                 "state/gateway.lives.jsonl.1", "log/current"}) {
            std::ofstream(path() / name, std::ios::binary) << bytes;
        }
    }
};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Home home;
    const auto text = fuzz::as_text(data, size);
    home.fill(text);
    auto directory = sys::Directory::open(home.path().string());
    fuzz::require(directory.has_value());
    (void)store::read_boot_history(*directory);
    for (const auto& event : store::read_life_log(*directory)) {
        fuzz::require(!store::to_string(event.kind).empty());
    }
    auto logs = directory->find("log");
    fuzz::require(logs && *logs);
    std::vector<inspect::LogSource> sources;
    sources.push_back({ProfileName::root(), std::move(**logs)});
    const auto lines = inspect::read_logs(sources, {std::nullopt, 1000});
    fuzz::require(lines.size() <= 1000);
    fuzz::require(text.starts_with(inspect::stamp_of(text)));
    return 0;
}
