/// Only a member of a fleet has deadlines on this clock, and members run on Linux: their last
/// resort is a timer of the kernel, which macOS has not.
#include "sys/boot_clock.hpp"

#include "sys/platform.hpp"

namespace gw::sys {

namespace {

std::unexpected<Error> only_on_linux() {
    return fail(Errc::unsupported, "a member of a fleet needs timers that only Linux has");
}

} // namespace

BootTime boot_time() {
    return BootTime(platform::since_boot());
}

Result<BootAlarm> BootAlarm::open() {
    return only_on_linux();
}

void BootAlarm::set(BootTime /*at*/) const {}

Result<LastResort> LastResort::make() {
    return only_on_linux();
}

LastResort::LastResort(LastResort&& other) noexcept
    : timer_(std::exchange(other.timer_, std::nullopt)) {}

LastResort::~LastResort() = default;

void LastResort::set(BootTime /*at*/) const {}

void LastResort::disarm() const {}

} // namespace gw::sys
