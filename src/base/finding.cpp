#include "base/finding.hpp"

namespace gw {

std::string to_line(const Finding& finding) {
    return finding.what + (finding.why.empty() ? "" : ": " + finding.why) +
           (finding.cure.empty() ? "" : " (" + finding.cure + ")");
}

} // namespace gw
