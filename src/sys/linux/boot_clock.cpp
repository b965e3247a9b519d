#include "sys/boot_clock.hpp"

#include "sys/errno_error.hpp"
#include "sys/platform.hpp"

#include <cerrno>
#include <csignal>
#include <ctime>
#include <sys/timerfd.h>
#include <utility>

namespace gw::sys {

namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

/// A time of nothing would disarm a timer: the past is its first nanosecond.
itimerspec moment(BootTime at) {
    const auto ns = std::max<std::int64_t>(at.count(), 1);
    itimerspec spec{};
    spec.it_value = {static_cast<time_t>(ns / ns_per_s), static_cast<long>(ns % ns_per_s)};
    return spec;
}

} // namespace

BootTime boot_time() {
    return BootTime(platform::since_boot());
}

Result<BootAlarm> BootAlarm::open() {
    UniqueFd fd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
    if (!fd) {
        return fail_errno(errno, "cannot make a timer");
    }
    return BootAlarm(std::move(fd));
}

void BootAlarm::set(BootTime at) const {
    const auto spec = moment(at);
    (void)::timerfd_settime(fd_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

Result<LastResort> LastResort::make() {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = SIGKILL;
    timer_t timer{};
    if (::timer_create(CLOCK_BOOTTIME, &event, &timer) != 0) {
        return fail_errno(errno, "cannot make a timer");
    }
    return LastResort(timer);
}

LastResort::LastResort(LastResort&& other) noexcept
    : timer_(std::exchange(other.timer_, std::nullopt)) {}

LastResort::~LastResort() {
    if (timer_) {
        (void)::timer_delete(*timer_);
    }
}

void LastResort::set(BootTime at) const {
    const auto spec = moment(at);
    (void)::timer_settime(*timer_, TIMER_ABSTIME, &spec, nullptr);
}

void LastResort::disarm() const {
    const itimerspec never{};
    (void)::timer_settime(*timer_, 0, &never, nullptr);
}

} // namespace gw::sys
