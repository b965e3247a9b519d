#include "base/finding.hpp"

namespace gw {

std::string_view to_string(Severity severity) {
    switch (severity) {
    case Severity::note:
        return "note";
    case Severity::warning:
        return "warning";
    case Severity::error:
        break;
    }
    return "error";
}

std::optional<Severity> parse_severity(std::string_view word) {
    for (const auto one : {Severity::note, Severity::warning, Severity::error}) {
        if (to_string(one) == word) {
            return one;
        }
    }
    return std::nullopt;
}

std::string to_line(const Finding& finding) {
    return finding.what + (finding.why.empty() ? "" : ": " + finding.why) +
           (finding.cure.empty() ? "" : " (" + finding.cure + ")");
}

} // namespace gw
