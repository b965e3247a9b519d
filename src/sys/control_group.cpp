#include "sys/control_group.hpp"

#include "base/text.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::sys {

namespace {

constexpr std::size_t limit = std::size_t{1} << 14U;

std::string read_text(const std::string& directory, const std::string& name) {
    const auto opened = Directory::open(directory);
    return opened ? read_file(*opened, name, limit).bytes : std::string();
}

/// The path behind a controller: "0::/a" or "4:memory:/a".
std::optional<std::string> group_path(std::string_view groups, std::string_view controller) {
    for (const auto line : lines_of(groups)) {
        const auto mark = line.find(controller);
        if (mark != std::string_view::npos) {
            return std::string(line.substr(mark + controller.size()));
        }
    }
    return std::nullopt;
}

} // namespace

std::vector<std::string> group_texts(std::span<const GroupFile> files, std::optional<Pid> of) {
    const std::string groups =
        read_text(of ? fmt::format("/proc/{}", of->value) : "/proc/self", "cgroup");
    std::vector<std::string> texts;
    for (const auto& one : files) {
        const auto path = group_path(groups, one.controller);
        if (!path) {
            continue;
        }
        for (const auto& directory : {one.root + *path, one.root}) {
            if (auto text = read_text(directory, one.file); !text.empty()) {
                texts.push_back(std::move(text));
            }
        }
    }
    return texts;
}

} // namespace gw::sys
