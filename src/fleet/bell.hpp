/// Tells one waiting coroutine that there is news; rung before anybody waits, it is not forgotten.
#pragma once

#include "fleet/task.hpp"

namespace gw::fleet {

class Bell {
  public:
    explicit Bell(boost::asio::io_context& io) : timer_(io) {}

    void ring() {
        rung_ = true;
        timer_.cancel();
    }

    /// Until it rings, or the time has passed.
    Task<void> wait(std::chrono::milliseconds longest) {
        if (!rung_) {
            timer_.expires_after(longest);
            (void)co_await timer_.async_wait(quietly);
        }
        rung_ = false;
    }

  private:
    boost::asio::steady_timer timer_;
    bool rung_ = false;
};

} // namespace gw::fleet
