#include "store/boot_log.hpp"

#include "base/text.hpp"
#include "store/subdirectory.hpp"

#include <algorithm>
#include <string_view>

namespace gw::store {

namespace {

constexpr const char* log_directory = "logs";

/// A file that only grows, and the one that it is renamed to when it has grown enough.
struct Journal {
    const char* name;
    const char* rotated;
    std::size_t limit;
};
constexpr Journal boot_log{"container-boot.log", "container-boot.log.1", boot_log_limit};
constexpr Journal boot_history{"boot-history.jsonl", "boot-history.jsonl.1", boot_history_limit};

Result<void> append(sys::Effects& effects, const sys::Directory& home, const Journal& journal,
                    const std::string& text) {
    const auto logs = open_subdirectory(effects, home, log_directory);
    if (!logs) {
        return std::unexpected(logs.error());
    }
    if (const auto info = logs->info(journal.name);
        info && *info && (*info)->size > journal.limit) {
        // Members of a fleet share the volume: another one's pass may have put it aside just now.
        if (auto rotated = effects.rename(*logs, journal.name, *logs, journal.rotated);
            !rotated && rotated.error().code != Errc::not_found) {
            return rotated;
        }
    }
    return effects.append_file(*logs, journal.name, text);
}

} // namespace

Result<void> append_boot_log(sys::Effects& effects, const sys::Directory& home,
                             const std::vector<std::string>& lines) {
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return append(effects, home, boot_log, text);
}

Result<void> append_boot_history(sys::Effects& effects, const sys::Directory& home,
                                 const std::string& line) {
    return append(effects, home, boot_history, line);
}

std::vector<Json> read_boot_history(const sys::Directory& home) {
    std::vector<Json> passes;
    const auto logs = home.find(log_directory);
    if (!logs || !*logs) {
        return passes;
    }
    for (const auto* file : {boot_history.rotated, boot_history.name}) {
        const auto content = sys::read_file(**logs, file, boot_history_read_limit);
        for (const auto line : lines_of(content.bytes)) {
            if (auto pass = parse_json_object(line, boot_history_read_limit)) {
                passes.push_back(std::move(*pass));
            }
        }
    }
    return passes;
}

} // namespace gw::store
