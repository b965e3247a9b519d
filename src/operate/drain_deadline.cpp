#include "operate/drain_deadline.hpp"

#include "base/numbers.hpp"

#include <algorithm>

namespace gw::operate {

milliseconds drain_deadline(const std::optional<std::string>& finish_maxtime,
                            seconds drain_timeout) {
    const auto asked =
        finish_maxtime ? leading_number<milliseconds::rep>(*finish_maxtime) : std::nullopt;
    const milliseconds limit = asked && *asked > 0 ? milliseconds(*asked) : default_finish_maxtime;
    return std::clamp<milliseconds>(limit - before_finish_is_killed, milliseconds{0},
                                    kill_timeout(drain_timeout));
}

} // namespace gw::operate
