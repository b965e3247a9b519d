#include "supervise/s6/news.hpp"

#include "sys/file_news.hpp"

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

} // namespace

std::unique_ptr<News> make_slot_news(const Scandir& scandir,
                                     std::span<const ProfileName> profiles) {
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

} // namespace gw::supervise
