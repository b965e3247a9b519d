/// The boot-time clock as deadlines need it (CLOCK_BOOTTIME): in nanoseconds, as something to poll
/// for, and as a timer that needs nobody who is awake.
#pragma once

#include "base/error.hpp"
#include "rules/fence.hpp"
#include "sys/unique_fd.hpp"

#include <optional>

namespace gw::sys {

BootTime boot_time();

/// Readable from a moment on (timerfd). It goes off when a machine that was suspended over the
/// moment wakes up, as poll's own timeout does not.
class BootAlarm {
  public:
    static Result<BootAlarm> open();
    [[nodiscard]] int fd() const { return fd_.get(); }
    /// In place of the moment before.
    void set(BootTime at) const;

  private:
    explicit BootAlarm(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

/// The kernel sends this process SIGKILL at a moment, also when it is stopped, hangs in a call, or
/// gets no turn of a processor. What it has started with a parent-death signal goes with it.
class LastResort {
  public:
    static Result<LastResort> make();
    ~LastResort();
    LastResort(LastResort&& other) noexcept;
    LastResort& operator=(LastResort&&) = delete;
    LastResort(const LastResort&) = delete;
    LastResort& operator=(const LastResort&) = delete;

    /// In place of the moment before.
    void set(BootTime at) const;
    /// Until it is set again, nothing happens.
    void disarm() const;

  private:
    explicit LastResort(void* timer) : timer_(timer) {}
    std::optional<void*> timer_; ///< timer_t; none after it was moved from
};

} // namespace gw::sys
