// What fmt's own library holds, of which Debian has only a shared one: compiled once, and not in
// each file that formats something.
#include <fmt/format-inl.h>

namespace {
using fmt::detail::locale_ref;
namespace dragonbox = fmt::detail::dragonbox;
} // namespace

template void fmt::detail::buffer<char>::append(const char* begin, const char* end);
template auto dragonbox::to_decimal(float number) noexcept -> dragonbox::decimal_fp<float>;
template auto dragonbox::to_decimal(double number) noexcept -> dragonbox::decimal_fp<double>;
template locale_ref::locale_ref(const std::locale& locale);
template auto locale_ref::get<std::locale>() const -> std::locale;
template auto fmt::detail::thousands_sep_impl(locale_ref locale)
    -> fmt::detail::thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl(locale_ref locale) -> char;
template void fmt::detail::vformat_to(fmt::detail::buffer<char>& to, fmt::string_view text,
                                      fmt::basic_format_args<FMT_BUFFER_CONTEXT(char)> arguments,
                                      locale_ref locale);
