#include "store/boot_log.hpp"

#include "store/subdirectory.hpp"

namespace gw::store {

namespace {
constexpr const char* log_name = "container-boot.log";
constexpr const char* rotated_name = "container-boot.log.1";
constexpr const char* log_directory = "logs";

Result<void> rotate_if_large(sys::Effects& effects, const sys::Directory& logs) {
    const auto content = sys::read_file(logs, log_name, boot_log_limit);
    if (content.answer != sys::FileContent::Answer::too_large) {
        return {};
    }
    return effects.rename(logs, log_name, logs, rotated_name);
}
} // namespace

Result<void> append_boot_log(sys::Effects& effects, const sys::Directory& home,
                             const std::vector<std::string>& lines) {
    const auto logs = open_subdirectory(effects, home, log_directory);
    if (!logs) {
        return std::unexpected(logs.error());
    }
    if (auto rotated = rotate_if_large(effects, *logs); !rotated) {
        return rotated;
    }
    std::string text;
    for (const auto& line : lines) {
        text += line + "\n";
    }
    return effects.append_file(*logs, log_name, text);
}

} // namespace gw::store
