#include "rules/svscan_limit.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

namespace gw {

std::optional<SvscanLimit> svscan_limit(const Argv& words, std::string_view scandir) {
    if (words.size() < 2 || base_name(words.front()) != "s6-svscan" || words.back() != scandir) {
        return std::nullopt;
    }
    SvscanLimit limit;
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const std::string_view word = words[i];
        if (!word.starts_with("-c") && !word.starts_with("-C")) {
            continue;
        }
        const auto value = word.size() > 2 ? word.substr(2) : std::string_view(words[i + 1]);
        if (const auto number = parse_number<int>(value)) {
            limit = {*number, true};
        }
    }
    return limit;
}

} // namespace gw
