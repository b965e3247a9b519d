#include "rules/slot_files.hpp"

#include <algorithm>

namespace gw {

const std::vector<std::string>& optional_slot_files() {
    static const std::vector<std::string> files = {"notification-fd", "down", "log/down"};
    return files;
}

SlotDifference compare_slot(const std::vector<SlotFile>& rendered, const SlotContent& on_disk) {
    SlotDifference difference;
    for (const auto& file : rendered) {
        const auto found = on_disk.find(file.path);
        if (found == on_disk.end() || found->second != file.content) {
            difference.changed.push_back(file.path);
        }
    }
    for (const auto& path : optional_slot_files()) {
        const bool wanted = std::any_of(rendered.begin(), rendered.end(),
                                        [&](const SlotFile& f) { return f.path == path; });
        if (!wanted && on_disk.contains(path)) {
            difference.extra.push_back(path);
        }
    }
    return difference;
}

} // namespace gw
