/// What happens at the same time in one thread: coroutines of Asio.
#pragma once

#include "base/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <optional>

namespace gw::fleet {

template <class T> using Task = boost::asio::awaitable<T>;

/// On the monotonic clock.
using Until = std::chrono::steady_clock::time_point;

/// An operation answers with its error instead of throwing it.
inline constexpr auto quietly = boost::asio::as_tuple(boost::asio::use_awaitable);

/// Pauses this coroutine alone.
inline Task<void> pause_for(std::chrono::milliseconds span) {
    boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, span);
    (void)co_await timer.async_wait(quietly);
}

/// Runs until the task has its answer.
template <class T> Result<T> answer_of(boost::asio::io_context& io, Task<Result<T>> task) {
    std::optional<Result<T>> answer;
    boost::asio::co_spawn(io, std::move(task), [&](const std::exception_ptr& error, Result<T> got) {
        if (error) {
            std::rethrow_exception(error);
        }
        answer = std::move(got);
    });
    while (!answer && io.run_one() > 0) {
    }
    return answer ? std::move(*answer) : fail(Errc::io, "nothing answers any more");
}

} // namespace gw::fleet
