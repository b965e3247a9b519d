#include "sys/side_by_side.hpp"

#include "sys/unique_fd.hpp"

#include <algorithm>
#include <atomic>
#include <fcntl.h>
#include <sys/resource.h>
#include <system_error>
#include <thread>

namespace gw::sys {

namespace {

constexpr std::size_t worth_a_thread = 64;
/// Indices that a thread takes at once.
constexpr std::size_t share = 8;

/// Makes the table of descriptors as large as it will be when each index keeps one. The kernel
/// enlarges that of a process with threads after an RCU grace period alone (fs/file.c,
/// expand_fdtable): 5 to 20 ms each time that it doubles, which is longer than the work on a
/// hundred slots. Where it cannot be done nothing is lost but that time.
void make_room_for_descriptors(std::size_t count) {
    constexpr std::size_t others = 64;
    rlimit limit{};
    const UniqueFd any(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!any || ::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= others) {
        return;
    }
    const auto last = std::min<rlim_t>(count + others, limit.rlim_cur - 1);
    const UniqueFd high(::fcntl(any.get(), F_DUPFD_CLOEXEC, static_cast<int>(last)));
}

} // namespace

void for_each_side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::atomic<std::size_t> next{0};
    const auto take_shares = [&] {
        for (std::size_t begin = next.fetch_add(share); begin < count;
             begin = next.fetch_add(share)) {
            for (std::size_t i = begin; i < std::min(begin + share, count); ++i) {
                work(i);
            }
        }
    };
    std::thread other;
    if (count >= worth_a_thread && std::thread::hardware_concurrency() > 1) {
        make_room_for_descriptors(count);
        try {
            other = std::thread(take_shares);
        } catch (const std::system_error&) { // no room for a thread: it is done by this one alone
        }
    }
    take_shares();
    if (other.joinable()) {
        other.join();
    }
}

} // namespace gw::sys
