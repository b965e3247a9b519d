#include "sys/accounts.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/errno_error.hpp"
#include "sys/platform.hpp"
#include "sys/unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <memory>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace gw::sys {

namespace {

struct CloseFile {
    void operator()(std::FILE* file) const { (void)std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// A file of accounts in memory: the C library asks a file for its position before each line.
class Accounts {
  public:
    explicit Accounts(const char* path) {
        const UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC));
        std::array<char, 4096> piece{};
        for (ssize_t size = 1; fd && size > 0;) {
            size = ::read(fd.get(), piece.data(), piece.size());
            bytes_.append(piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
        }
        lines_.reset(::fmemopen(bytes_.data(), bytes_.size(), "r"));
        // No line is longer than all of them.
        text_.resize(bytes_.size() + 1);
    }

    /// The next entry, by fgetpwent_r or fgetgrent_r; false at the end.
    template <class Entry, class Read> bool next(Entry& entry, const Read& read) {
        Entry* found = nullptr;
        return lines_ && read(lines_.get(), &entry, text_.data(), text_.size(), &found) == 0;
    }

  private:
    std::string bytes_;
    File lines_;
    std::string text_;
};

bool lists_member(const group& entry, const std::string& user) {
    for (char** member = entry.gr_mem; *member != nullptr; ++member) {
        if (user == *member) {
            return true;
        }
    }
    return false;
}

/// The entry of /etc/passwd that `wanted` answers true to.
template <class Wanted> std::optional<platform::Entry> find_entry(const Wanted& wanted) {
    Accounts users("/etc/passwd");
    for (::passwd entry{}; users.next(entry, ::fgetpwent_r);) {
        if (wanted(entry)) {
            return platform::Entry{entry.pw_name, entry.pw_uid, entry.pw_gid, entry.pw_dir};
        }
    }
    return std::nullopt;
}

std::string first_line(const char* path) {
    std::array<char, 128> text{};
    const File file{std::fopen(path, "re")};
    return file && std::fgets(text.data(), text.size(), file.get()) != nullptr
               ? std::string(trimmed(text.data()))
               : std::string();
}

} // namespace

namespace platform {

std::optional<Entry> account_entry(std::uint32_t uid) {
    return find_entry([uid](const ::passwd& entry) { return entry.pw_uid == uid; });
}

std::optional<Entry> account_entry(const std::string& name) {
    return find_entry([&name](const ::passwd& entry) { return name == entry.pw_name; });
}

std::vector<std::uint32_t> groups_of(const std::string& user) {
    std::vector<std::uint32_t> numbers;
    Accounts groups("/etc/group");
    for (::group entry{}; groups.next(entry, ::fgetgrent_r);) {
        if (lists_member(entry, user)) {
            numbers.push_back(entry.gr_gid);
        }
    }
    return numbers;
}

int set_groups(const std::vector<std::uint32_t>& groups) {
    return ::setgroups(groups.size(), groups.data());
}

} // namespace platform

bool is_known_uid(std::uint32_t uid) {
    constexpr std::string_view whole = "4294967295";
    if (first_line("/proc/self/uid_map").ends_with(whole)) {
        return true;
    }
    constexpr std::uint32_t customary = 65534;
    return uid != parse_number<std::uint32_t>(first_line("/proc/sys/kernel/overflowuid"))
                      .value_or(customary);
}

Result<void> give_up_capabilities(NewPrivileges new_privileges) {
    if (new_privileges == NewPrivileges::forbidden &&
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return fail_errno(errno, "cannot forbid new privileges");
    }
    if (::geteuid() == 0) {
        return {};
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
    if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 ||
        ::syscall(SYS_capset, &header, none.data()) != 0) {
        return fail_errno(errno, "cannot give up capabilities");
    }
    return {};
}

} // namespace gw::sys
