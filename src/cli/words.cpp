#include "cli/words.hpp"

#include <cassert>

namespace gw::cli {

const Words::Given& Words::find(std::string_view name) const {
    static const Given not_given;
    const auto found = given_.find(name);
    assert(found != given_.end());
    return found == given_.end() ? not_given : found->second;
}

bool Words::has(std::string_view name) const {
    return find(name).present;
}

std::optional<std::string> Words::value(std::string_view name) const {
    const auto& texts = find(name).texts;
    return texts.empty() ? std::nullopt : std::optional(texts.back());
}

const std::vector<std::string>& Words::values(std::string_view name) const {
    return find(name).texts;
}

std::optional<double> Words::number(std::string_view name) const {
    const auto& given = find(name);
    return given.present ? std::optional(given.number) : std::nullopt;
}

std::optional<int> Words::integer(std::string_view name) const {
    const auto value = number(name);
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

} // namespace gw::cli
