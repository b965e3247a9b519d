#include "sys/file_news.hpp"

#include "sys/errno_error.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/event.h>

namespace gw::sys {

Result<FileNews> FileNews::open() {
    UniqueFd fd(::kqueue());
    if (!fd || ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC) != 0) {
        return fail_errno(errno, "cannot watch files");
    }
    return FileNews(std::move(fd));
}

/// A directory is written to when an entry of it is made or replaced.
Result<void> FileNews::watch(const Directory& at, const std::string& relative, std::size_t key) {
    const auto directory = at.find(relative);
    if (!directory || !*directory) {
        return directory ? fail(Errc::not_found, at.path_of(relative) + " does not exist")
                         : std::unexpected(directory.error());
    }
    UniqueFd kept(::fcntl((*directory)->fd(), F_DUPFD_CLOEXEC, 0));
    struct kevent change{};
    EV_SET(&change, kept.get(), EVFILT_VNODE, EV_ADD | EV_CLEAR, NOTE_WRITE, 0, nullptr);
    if (!kept || ::kevent(fd_.get(), &change, 1, nullptr, 0, nullptr) != 0) {
        return fail_errno(errno, "cannot watch " + at.path_of(relative));
    }
    keys_.insert_or_assign(kept.get(), key);
    kept_.push_back(std::move(kept));
    return {};
}

std::vector<std::size_t> FileNews::wait(std::chrono::milliseconds limit) {
    std::vector<std::size_t> changed;
    const auto whole = std::chrono::floor<std::chrono::seconds>(limit);
    timespec patience{whole.count(), std::chrono::nanoseconds(limit - whole).count()};
    struct kevent news{};
    while (::kevent(fd_.get(), nullptr, 0, &news, 1, &patience) > 0) {
        if (const auto known = keys_.find(static_cast<int>(news.ident)); known != keys_.end()) {
            changed.push_back(known->second);
        }
        patience = {};
    }
    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    return changed;
}

} // namespace gw::sys
