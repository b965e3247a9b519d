#include "sys/proc_stat.hpp"

#include "base/numbers.hpp"
#include "sys/processes.hpp"

#include <algorithm>

namespace gw::sys {

std::vector<std::string_view> fields_after_name(std::string_view stat) {
    std::vector<std::string_view> fields;
    const auto close = stat.rfind(')');
    if (close == std::string_view::npos) {
        return fields;
    }
    stat.remove_prefix(close + 1);
    while (true) {
        const auto begin = stat.find_first_not_of(" \n");
        if (begin == std::string_view::npos) {
            return fields;
        }
        const auto end = std::min(stat.find_first_of(" \n", begin), stat.size());
        fields.push_back(stat.substr(begin, end - begin));
        stat.remove_prefix(end);
    }
}

std::optional<ProcessIdentity> identity_in_stat(std::string_view stat) {
    const auto pid = parse_pid(stat.substr(0, stat.find(' ')));
    const auto fields = fields_after_name(stat);
    const auto ticks = fields.size() > stat_start_field
                           ? parse_number<std::uint64_t>(fields[stat_start_field])
                           : std::nullopt;
    return pid && ticks ? std::optional(ProcessIdentity{*pid, StartTime{*ticks}}) : std::nullopt;
}

} // namespace gw::sys
