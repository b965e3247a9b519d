/// How long to wait before what has failed is tried again. Pure.
#pragma once

#include <chrono>

namespace gw {

inline constexpr std::chrono::milliseconds first_backoff{100};
inline constexpr std::chrono::milliseconds longest_backoff{5'000};

/// Before attempt number `failures` + 1: twice as long after each failure up to the longest, and of
/// that a share between a half and the whole. `roll` lies in [0, 1): who has failed together must
/// not come back together.
std::chrono::milliseconds backoff(unsigned failures, double roll,
                                  std::chrono::milliseconds longest = longest_backoff);

} // namespace gw
