#include "supervise/manager.hpp"

#include "sys/waiting.hpp"

#include <algorithm>
#include <numeric>

namespace gw::supervise {

namespace {

/// Long enough for the tool that answers (systemctl takes some 10 ms), short enough not to be felt.
constexpr std::chrono::milliseconds pause{25};

class PollingNews : public News {
  public:
    explicit PollingNews(std::size_t count) : all_(count) {
        std::iota(all_.begin(), all_.end(), std::size_t{0});
    }
    std::vector<std::size_t> wait(std::chrono::milliseconds limit) override {
        sys::pause(std::min(limit, pause));
        return all_;
    }
    [[nodiscard]] std::chrono::milliseconds look_again() const override { return pause; }

  private:
    std::vector<std::size_t> all_;
};

} // namespace

std::unique_ptr<News> make_polling_news(std::size_t count) {
    return std::make_unique<PollingNews>(count);
}

} // namespace gw::supervise
