#include "base/natural_order.hpp"

#include "base/profile_name.hpp"

#include <algorithm>

namespace gw {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// The number at the beginning of the text, without its leading zeros; takes it away.
std::string_view take_number(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    auto number = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(number.size());
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

} // namespace

bool natural_less(std::string_view a, std::string_view b) {
    const auto whole_a = a;
    const auto whole_b = b;
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const auto one = take_number(a);
            const auto other = take_number(b);
            if (one != other) {
                return one.size() != other.size() ? one.size() < other.size() : one < other;
            }
        } else if (a.front() != b.front()) {
            return a.front() < b.front();
        } else {
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    return a.empty() != b.empty() ? a.empty() : whole_a < whole_b;
}

bool profile_less(std::string_view a, std::string_view b) {
    const bool is_root = a == ProfileName::root_text;
    return is_root != (b == ProfileName::root_text) ? is_root : natural_less(a, b);
}

} // namespace gw
