/// Text that other programs or people read: escaping and quoting exist once, here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// Bytes from the volume made safe for a log or a terminal: control characters, bytes that are not
/// UTF-8 and backslashes become `\n`, `\x1b`, …; the result is one line.
std::string printable(std::string_view bytes);

/// JSON text for a terminal: DEL and U+0080 to U+009F, which JSON lets through and a terminal may
/// act on, are written as `\u00xx`.
std::string escape_controls(std::string_view json);

/// At most 80 bytes of a word from the volume, with `...` when it was longer: a report must not be
/// as long as a gateway cares to make it.
std::string shortened(std::string_view bytes);

/// The value of a `key=value` pair in a line of a log: short, printable, and without the blanks by
/// which it could pass for more pairs.
std::string log_value(std::string_view bytes);

/// One word for /bin/sh, in single quotes where needed.
std::string shell_quote(std::string_view word);

/// Words joined for /bin/sh.
std::string shell_join(std::span<const std::string> words);

/// `text` with every `@KEY@` replaced; unknown keys stay.
struct Replacement {
    std::string_view key;
    std::string_view value;
};
std::string fill_template(std::string_view text, std::span<const Replacement> replacements);

/// True for "1", "true", "yes", "on" in any case; blank and anything else is false (product rule
/// for the container's switches).
bool is_truthy(std::string_view text);

/// `text` with small letters for the capitals of ASCII.
std::string in_lower_case(std::string_view text);

/// `text` without blanks at both ends.
std::string_view trimmed(std::string_view text);

/// The last part of a path.
std::string_view base_name(std::string_view path);

/// The lines of a text, each without its end; the last one may have none.
std::vector<std::string_view> lines_of(std::string_view text);

/// The words of a line, which blanks separate.
std::vector<std::string_view> words_of(std::string_view line);

} // namespace gw
