/// Where the program meets the machine: its clocks, the timers of the fence, what `gatewayctl` does
/// for the agent. The linker takes these in the place of src/sys/boot_clock.cpp and
/// src/fleet/tools.cpp, and leads the calls of the C and C++ libraries here (meson.build).
#include "fleet/tools.hpp"
#include "member.hpp"
#include "network.hpp"
#include "sys/boot_clock.hpp"

#include <ctime>
#include <sys/timerfd.h>

using namespace gw::fleet_simulation; // NOLINT(google-build-using-namespace): it is of them

namespace {

std::chrono::nanoseconds clock_here() {
    const auto* member = the_member();
    return member != nullptr ? member->boot_time() : the_world()->now();
}

} // namespace

namespace gw::sys {

BootTime boot_time() {
    return clock_here();
}

Result<BootAlarm> BootAlarm::open() {
    return BootAlarm(UniqueFd());
}

void BootAlarm::set(BootTime at) const {
    the_slot()->set_alarm(at);
}

Result<LastResort> LastResort::make() {
    return LastResort(nullptr);
}

LastResort::LastResort(LastResort&& other) noexcept : timer_(other.timer_) {}

LastResort::~LastResort() = default;

void LastResort::set(BootTime at) const {
    the_slot()->set_last_resort(at);
}

void LastResort::disarm() const {}

} // namespace gw::sys

namespace gw::fleet {

namespace {

/// A process that `gatewayctl` is, and the member in which it runs: what it has answered.
template <class Begin> Task<bool> answer_of_process(Begin begin) {
    auto reply = std::make_shared<Reply<bool>>(co_await boost::asio::this_coro::executor);
    auto* member = the_member();
    begin(*member, [member, weak = std::weak_ptr(reply)](bool done) {
        member->deliver([weak, done] {
            if (const auto there = weak.lock()) {
                there->answer = done;
                there->signal.ring();
            }
        });
    });
    while (!reply->answer) {
        co_await reply->signal.wait(Until::max());
    }
    co_return *reply->answer;
}

} // namespace

Tools::Tools(sys::Effects& effects, Argv common, std::string home, seconds drain_timeout)
    : effects_(effects), common_(std::move(common)), home_(std::move(home)),
      drain_timeout_(drain_timeout) {}

Tools::~Tools() {
    threads_.join();
}

Task<bool> Tools::reconcile() {
    auto begin = [](Member& member, Member::Done done) { member.reconcile(std::move(done)); };
    co_return co_await answer_of_process(begin);
}

Task<bool> Tools::drain(const std::vector<std::string>& profiles) {
    auto begin = [profiles](Member& member, Member::Done done) {
        member.drain(profiles, std::move(done));
    };
    co_return co_await answer_of_process(begin);
}

Task<FleetAnswer> Tools::carry_out(FleetAsk /*ask*/) {
    co_return FleetAnswer{};
}

Task<Result<std::vector<std::string>>> Tools::profiles() {
    co_return the_world()->profiles;
}

} // namespace gw::fleet

// NOLINTBEGIN(bugprone-reserved-identifier): the names are the linker's
extern "C" {

std::int64_t __wrap__ZNSt6chrono3_V212steady_clock3nowEv() {
    return the_world() != nullptr ? clock_here().count() : 0;
}

int __real_timerfd_settime(int fd, int flags, const itimerspec* to, itimerspec* before);

/// Asio waits by one timer of the kernel: it is noted here, and always over there, so that each
/// look finds what is due by the clock above.
int __wrap_timerfd_settime(int fd, int flags, const itimerspec* to, itimerspec* before) {
    if (auto* member = the_member()) {
        const auto span = seconds(to->it_value.tv_sec) + Nanos(to->it_value.tv_nsec);
        member->set_timer((flags & TFD_TIMER_ABSTIME) != 0 ? Nanos(0) : span);
    }
    itimerspec over{};
    over.it_value.tv_nsec = 1;
    return __real_timerfd_settime(fd, TFD_TIMER_ABSTIME, &over, before);
}

unsigned __wrap__ZNSt13random_device9_M_getvalEv(void* /*device*/) {
    return static_cast<unsigned>(the_world()->dice.below(1ULL << 32U));
}
}
// NOLINTEND(bugprone-reserved-identifier)
