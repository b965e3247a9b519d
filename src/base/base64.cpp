#include "base/base64.hpp"

#include <cstdint>

namespace gw {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char padding = '=';
constexpr std::size_t bytes_of_group = 3;
constexpr std::size_t digits_of_group = 4;
constexpr unsigned bits_of_digit = 6;
constexpr unsigned bits_of_byte = 8;
constexpr std::uint32_t digit_mask = 0x3f;
constexpr std::uint32_t byte_mask = 0xff;

/// The bits of up to three bytes, the first one highest.
std::uint32_t group_of(std::string_view bytes) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < bytes_of_group; ++i) {
        const auto byte = i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U;
        group = (group << bits_of_byte) | byte;
    }
    return group;
}

} // namespace

std::string to_base64(std::string_view bytes) {
    std::string text;
    text.reserve((bytes.size() + bytes_of_group - 1) / bytes_of_group * digits_of_group);
    for (std::size_t at = 0; at < bytes.size(); at += bytes_of_group) {
        const auto part = bytes.substr(at, bytes_of_group);
        const auto group = group_of(part);
        for (std::size_t digit = 0; digit < digits_of_group; ++digit) {
            const auto shift = static_cast<unsigned>(digits_of_group - 1 - digit) * bits_of_digit;
            text += digit <= part.size() ? alphabet[(group >> shift) & digit_mask] : padding;
        }
    }
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % digits_of_group != 0) {
        return std::nullopt;
    }
    std::size_t padded = 0;
    while (padded < 2 && padded < text.size() && text[text.size() - 1 - padded] == padding) {
        ++padded;
    }
    std::string bytes;
    bytes.reserve(text.size() / digits_of_group * bytes_of_group);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_padding = i + padded >= text.size();
        const auto digit = is_padding ? 0 : alphabet.find(text[i]);
        if (digit == std::string_view::npos) {
            return std::nullopt;
        }
        group = (group << bits_of_digit) | static_cast<std::uint32_t>(digit);
        if (i % digits_of_group == digits_of_group - 1) {
            for (unsigned byte = bytes_of_group; byte-- > 0;) {
                bytes += static_cast<char>((group >> (byte * bits_of_byte)) & byte_mask);
            }
            group = 0;
        }
    }
    bytes.erase(bytes.size() - padded);
    return bytes;
}

} // namespace gw
