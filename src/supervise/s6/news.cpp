#include "supervise/s6/news.hpp"

#include "sys/file_news.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <numeric>

namespace gw::supervise {

namespace {

/// s6-supervise replaces `supervise/status` at every change: that is heard of without asking.
class SlotNews : public News {
  public:
    explicit SlotNews(sys::FileNews files) : files_(std::move(files)) {}
    sys::FileNews& files() { return files_; }
    std::vector<std::size_t> wait(milliseconds limit) override { return files_.wait(limit); }
    /// What no status tells: a process that nothing supervises ends, a supervisor comes or goes.
    [[nodiscard]] milliseconds look_again() const override { return milliseconds{250}; }

  private:
    sys::FileNews files_;
};

std::unique_ptr<News> watching_news(const Scandir& scandir, std::span<const ProfileName> profiles) {
    auto files = sys::FileNews::open();
    if (!files) {
        return make_polling_news(profiles.size());
    }
    auto news = std::make_unique<SlotNews>(std::move(*files));
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        if (!news->files().watch(scandir.directory(), profiles[i].slot() + "/supervise", i)) {
            return make_polling_news(profiles.size());
        }
    }
    return news;
}

/// To give an inotify descriptor back takes the kernel about 10 ms (measured on Linux 6.18), as
/// long as a whole `stop` of a gateway that ends at once: those that take longer are worth one.
constexpr milliseconds soon{30};
constexpr milliseconds soon_pause{1};
/// To look at so many takes a small part of that pause.
constexpr std::size_t few = 8;

/// Looks again and again until `soon` has passed, and watches from then on.
class SoonNews : public News {
  public:
    SoonNews(const Scandir& scandir, std::span<const ProfileName> profiles)
        : scandir_(scandir), profiles_(profiles.begin(), profiles.end()), all_(profiles.size()) {
        std::iota(all_.begin(), all_.end(), std::size_t{0});
    }
    std::vector<std::size_t> wait(milliseconds limit) override {
        if (watching_) {
            return watching_->wait(limit);
        }
        if (waited_ < soon) {
            const auto pause = std::min(limit, soon_pause);
            sys::pause(pause);
            waited_ += pause;
        } else {
            watching_ = watching_news(scandir_, profiles_);
        }
        return all_; // also for what has happened before it was watched
    }
    [[nodiscard]] milliseconds look_again() const override {
        return watching_ ? watching_->look_again() : soon;
    }

  private:
    const Scandir& scandir_;
    std::vector<ProfileName> profiles_;
    std::vector<std::size_t> all_;
    milliseconds waited_{0};
    std::unique_ptr<News> watching_{};
};

} // namespace

std::unique_ptr<News> make_slot_news(const Scandir& scandir,
                                     std::span<const ProfileName> profiles) {
    return profiles.size() <= few ? std::make_unique<SoonNews>(scandir, profiles)
                                  : watching_news(scandir, profiles);
}

} // namespace gw::supervise
