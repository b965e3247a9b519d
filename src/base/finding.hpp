/// Something that a person has to know about the system: what is so, why, and what mends it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw {

enum class Severity {
    note,    ///< worth knowing; nothing is wrong
    warning, ///< works, and not as it should
    error,   ///< a gateway is not as its operator wants it, or it cannot be told
};
std::string_view to_string(Severity severity);
/// nullopt for a word that nobody knows.
std::optional<Severity> parse_severity(std::string_view word);

/// `code` is stable and for programs, the rest is for people. Bytes from the volume in it are not
/// printable yet.
struct Finding {
    std::string code;    ///< "drift", "parked", "unreadable-intent", …
    std::string subject; ///< a profile's name, or what else it is about; empty: the whole
    std::string what;    ///< what is so
    std::string why;     ///< how it came to be so, or what proves it; may be empty
    std::string cure;    ///< the next command to type, asked of the backend; may be empty
    Severity severity = Severity::warning;
};

/// "what: why (cure)", as one line of a report has it.
std::string to_line(const Finding& finding);

} // namespace gw
