/// The clocks.
#pragma once

#include "base/moment.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace gw::sys {

/// Wall clock, boot-time clock and boot id of this machine, now.
Moment now();

/// Whether what names a boot of the machine may be of this one: the same, or one of the two is not
/// known (an old writer, a /proc that cannot be read).
inline bool may_be_this_boot(std::string_view boot_id) {
    const auto here = now().boot_id;
    return boot_id.empty() || here.empty() || boot_id == here;
}

/// A deadline on the monotonic clock: does not move with the wall clock.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds span,
                      std::chrono::steady_clock::time_point from = std::chrono::steady_clock::now())
        : end_(from + span) {}
    [[nodiscard]] bool passed() const { return std::chrono::steady_clock::now() >= end_; }
    /// Time left, never negative.
    [[nodiscard]] std::chrono::milliseconds left() const;

  private:
    std::chrono::steady_clock::time_point end_;
};

/// Local time with its offset, the form of the boot log: `2026-06-10T14:01:34+1000`.
std::string local_timestamp(WallTime time);

} // namespace gw::sys
