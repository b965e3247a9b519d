#include "sys/guarded_path.hpp"

#include "base/account.hpp"
#include "sys/errno_error.hpp"
#include "sys/platform.hpp"
#include "sys/self.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <deque>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gw::sys {

namespace {

/// As many as the kernel follows in one path (path_resolution(7)).
constexpr int most_links = 40;

std::deque<std::string> components_of(const std::string& path) {
    std::deque<std::string> parts;
    for (std::size_t begin = 0; begin < path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        if (end > begin && path.substr(begin, end - begin) != ".") {
            parts.push_back(path.substr(begin, end - begin));
        }
        begin = end + 1;
    }
    return parts;
}

/// Whether nobody but root can put something else in the place of `entry`.
bool entry_is_roots(const struct stat& directory, const struct stat& entry) {
    const bool sticky = (directory.st_mode & S_ISVTX) != 0 && entry.st_uid == 0;
    return only_root_writes(directory.st_uid, directory.st_mode) ||
           (directory.st_uid == 0 && sticky);
}

class Walk {
  public:
    explicit Walk(const std::string& path) : path_(path), left_(components_of(path)) {}

    Result<GuardedPath> to_the_end() {
        if (auto begun = begin(); !begun) {
            return std::unexpected(std::move(begun.error()));
        }
        while (!left_.empty()) {
            if (auto stepped = step(); !stepped) {
                return std::unexpected(std::move(stepped.error()));
            }
        }
        return GuardedPath{std::move(at_), only_root_can_swap_};
    }

    /// What is left when a component was missing: its first name is to be made below `at`.
    [[nodiscard]] const std::deque<std::string>& left() const { return left_; }
    [[nodiscard]] int at() const { return at_.get(); }
    /// Whether root alone decides what is made below `at`.
    [[nodiscard]] bool may_make_here() const {
        return only_root_can_swap_ && only_root_writes(seen_.st_uid, seen_.st_mode);
    }

  private:
    [[nodiscard]] std::unexpected<Error> failed() const {
        return fail_errno(errno, "cannot open " + path_);
    }

    Result<void> begin() {
        at_ = platform::open_to_look(AT_FDCWD, "/");
        return at_ && ::fstat(at_.get(), &seen_) == 0 ? Result<void>{} : failed();
    }

    Result<void> step() {
        const std::string name = left_.front();
        if (name == ".." && !only_root_can_swap_) {
            return refuse(name);
        }
        UniqueFd next = platform::open_to_look(at_.get(), name.c_str());
        struct stat info{};
        if (!next || ::fstat(next.get(), &info) != 0) {
            return failed();
        }
        const bool roots = only_root_can_swap_ && (name == ".." || entry_is_roots(seen_, info));
        left_.pop_front();
        if (S_ISLNK(info.st_mode)) {
            return roots ? follow(name) : refuse(name);
        }
        only_root_can_swap_ = roots;
        at_ = std::move(next);
        seen_ = info;
        return {};
    }

    Result<void> refuse(const std::string& name) const {
        return fail(Errc::not_permitted,
                    "refusing to follow '" + name + "' in " + path_ +
                        ": others than root could put it there",
                    "name the directory itself, without the link");
    }

    /// Read by its name: nobody but root can put another one in its place.
    Result<void> follow(const std::string& link) {
        std::array<char, PATH_MAX> text{};
        const ssize_t size = ::readlinkat(at_.get(), link.c_str(), text.data(), text.size());
        if (size < 0 || ++links_ > most_links) {
            errno = size < 0 ? errno : ELOOP;
            return failed();
        }
        const std::string target(text.data(), static_cast<std::size_t>(size));
        auto parts = components_of(target);
        left_.insert(left_.begin(), parts.begin(), parts.end());
        return target.starts_with('/') ? begin() : Result<void>{};
    }

    std::string path_;
    std::deque<std::string> left_;
    UniqueFd at_;
    struct stat seen_{};
    bool only_root_can_swap_ = true;
    int links_ = 0;
};

} // namespace

Result<GuardedPath> walk_guarded(const std::string& path) {
    auto absolute = absolute_path(path);
    return absolute ? Walk(*absolute).to_the_end() : std::unexpected(std::move(absolute.error()));
}

Result<void> make_guarded_path(const std::string& path) {
    const auto absolute = absolute_path(path);
    if (!absolute) {
        return std::unexpected(absolute.error());
    }
    while (true) {
        Walk walk(*absolute);
        const auto there = walk.to_the_end();
        if (there || there.error().code != Errc::not_found) {
            return there ? Result<void>{} : std::unexpected(there.error());
        }
        const std::string& missing = walk.left().front();
        if (!walk.may_make_here()) {
            return fail(Errc::not_permitted, "root does not create " + *absolute +
                                                 " below a directory that others can write");
        }
        if (::mkdirat(walk.at(), missing.c_str(), 0755) != 0 && errno != EEXIST) {
            return fail_errno(errno, "cannot create directory " + *absolute);
        }
    }
}

} // namespace gw::sys
