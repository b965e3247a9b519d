/// News of directories: that a file in one of them was made or replaced (inotify(7), kqueue(2)).
#pragma once

#include "base/error.hpp"
#include "sys/directory.hpp"
#include "sys/unique_fd.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace gw::sys {

class FileNews {
  public:
    /// One descriptor, however many directories are watched.
    static Result<FileNews> open();

    /// Watches a directory below `at`, without following symlinks; `key` is how `wait` names it.
    Result<void> watch(const Directory& at, const std::string& relative, std::size_t key);

    /// Waits at most `limit`; the keys of the directories in which something has changed.
    std::vector<std::size_t> wait(std::chrono::milliseconds limit);

  private:
    explicit FileNews(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
    std::map<int, std::size_t> keys_; ///< by watch descriptor
    std::vector<UniqueFd> kept_;      ///< what must stay open to be watched (kqueue)
};

} // namespace gw::sys
