#include "sys/side_by_side.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>

namespace gw::sys {

namespace {

constexpr std::size_t worth_a_thread = 64;
/// Indices that a thread takes at once.
constexpr std::size_t share = 8;

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
