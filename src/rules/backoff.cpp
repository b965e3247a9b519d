#include "rules/backoff.hpp"

#include <algorithm>

namespace gw {

std::chrono::milliseconds backoff(unsigned failures, double roll,
                                  std::chrono::milliseconds longest) {
    auto whole = first_backoff;
    for (unsigned i = 1; i < failures && whole < longest; ++i) {
        whole *= 2;
    }
    whole = std::min(whole, longest);
    const double half = static_cast<double>(whole.count()) / 2;
    return std::chrono::milliseconds(
        static_cast<std::chrono::milliseconds::rep>(half * (1 + roll)));
}

} // namespace gw
