#include "sys/file_news.hpp"

#include "sys/errno_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/inotify.h>

namespace gw::sys {

Result<FileNews> FileNews::open() {
    UniqueFd fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    if (!fd) {
        return fail_errno(errno, "cannot watch files");
    }
    return FileNews(std::move(fd));
}

Result<void> FileNews::watch(const Directory& at, const std::string& relative, std::size_t key) {
    const auto directory = at.find(relative);
    if (!directory || !*directory) {
        return directory ? fail(Errc::not_found, at.path_of(relative) + " does not exist")
                         : std::unexpected(directory.error());
    }
    // The descriptor's own path: nobody can put another directory in between.
    const std::string self = "/proc/self/fd/" + std::to_string((*directory)->fd());
    const int watch = ::inotify_add_watch(fd_.get(), self.c_str(), IN_MOVED_TO | IN_CREATE);
    if (watch < 0) {
        return fail_errno(errno, "cannot watch " + at.path_of(relative));
    }
    keys_.insert_or_assign(watch, key);
    return {};
}

std::vector<std::size_t> FileNews::wait(std::chrono::milliseconds limit) {
    std::vector<std::size_t> changed;
    pollfd event{fd_.get(), POLLIN, 0};
    if (::poll(&event, 1, static_cast<int>(limit.count())) <= 0) {
        return changed;
    }
    alignas(inotify_event) std::array<char, 16384> buffer; // NOLINT: read() fills it
    ssize_t got = 0;
    while ((got = ::read(fd_.get(), buffer.data(), buffer.size())) > 0) {
        for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
            inotify_event news{};
            std::memcpy(&news, buffer.data() + at, sizeof news);
            if (const auto known = keys_.find(news.wd); known != keys_.end()) {
                changed.push_back(known->second);
            }
            at += sizeof news + news.len;
        }
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    return changed;
}

} // namespace gw::sys
