/// Waiting, once: every loop of the program that asks again and again is this one.
#pragma once

#include "sys/clock.hpp"

#include <algorithm>
#include <chrono>
#include <thread>
#include <unistd.h>

namespace gw::sys {

/// What a poll pauses between two questions where nothing tells it of news.
inline constexpr std::chrono::milliseconds poll_pause{5};

inline void pause(std::chrono::milliseconds span) {
    std::this_thread::sleep_for(span);
}

/// Until a signal ends this process.
[[noreturn]] inline void wait_for_end() {
    while (true) {
        ::pause();
    }
}

/// Asks `reached` until it answers true; false when it has not until the deadline. It is asked at
/// least once, and once more after the deadline has passed during a pause.
template <class Question>
bool poll_until(const Deadline& end, const Question& reached,
                std::chrono::milliseconds between = poll_pause) {
    while (!reached()) {
        if (end.passed()) {
            return false;
        }
        // What is left of the last millisecond is slept as well, not asked away.
        pause(std::max(std::min(between, end.left()), std::chrono::milliseconds(1)));
    }
    return true;
}

} // namespace gw::sys
