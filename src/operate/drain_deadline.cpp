#include "operate/drain_deadline.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"

#include <algorithm>

namespace gw::operate {

milliseconds drain_deadline(const std::optional<std::string>& finish_maxtime,
                            seconds drain_timeout) {
    const milliseconds unlimited = kill_timeout(drain_timeout);
    if (!finish_maxtime) {
        return unlimited;
    }
    const auto asked = parse_number<milliseconds::rep>(trimmed(*finish_maxtime));
    if (asked == 0) {
        return unlimited;
    }
    const milliseconds limit = asked && *asked > 0 ? milliseconds(*asked) : cautious_finish_maxtime;
    return std::clamp<milliseconds>(limit - before_finish_is_killed, milliseconds{0}, unlimited);
}

} // namespace gw::operate
