#include "sys/growing_file.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gw::sys {

namespace {

/// No symlink is followed, and nothing that may block is waited for.
UniqueFd open_file(const Directory& directory, const std::string& name) {
    return UniqueFd(
        ::openat(directory.fd(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
}

} // namespace

std::string read_end(const Directory& directory, const std::string& name, std::size_t most) {
    const auto fd = open_file(directory, name);
    struct stat info{};
    if (!fd || ::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
        return {};
    }
    std::string bytes(std::min(static_cast<std::size_t>(info.st_size), most), '\0');
    const auto begin = info.st_size - static_cast<off_t>(bytes.size());
    (void)::lseek(fd.get(), begin, SEEK_SET);
    std::size_t size = 0;
    for (ssize_t count = 1; count > 0; size += static_cast<std::size_t>(count)) {
        count = std::max<ssize_t>(::read(fd.get(), bytes.data() + size, bytes.size() - size), 0);
    }
    bytes.resize(size);
    if (begin > 0) {
        bytes.erase(0, bytes.find('\n') + 1); // that line began before
    }
    return bytes;
}

GrowingFile::GrowingFile(const Directory& directory, std::string name)
    : directory_(directory), name_(std::move(name)) {
    open();
    if (fd_) {
        const auto end = ::lseek(fd_.get(), 0, SEEK_END);
        begin_ = {identity_, static_cast<std::size_t>(std::max<off_t>(end, 0))};
    }
}

std::string GrowingFile::take() {
    std::string bytes;
    read_on(bytes);
    const auto now = directory_.info(name_);
    if (now && *now && (*now)->identity != identity_) {
        read_on(bytes); // what was written between the two looks
        open();
        read_on(bytes);
    }
    return bytes;
}

void GrowingFile::open() {
    identity_ = {};
    fd_ = open_file(directory_, name_);
    if (!fd_) {
        return;
    }
    const auto info = info_of(fd_, directory_.path_of(name_));
    if (info) {
        identity_ = info->identity;
    }
    if (!info || info->kind != EntryKind::file) {
        fd_ = UniqueFd();
    }
}

void GrowingFile::read_on(std::string& bytes) {
    std::array<char, std::size_t{1} << 16U> piece{};
    while (fd_) {
        const auto count = ::read(fd_.get(), piece.data(), piece.size());
        if (count <= 0) {
            return;
        }
        bytes.append(piece.data(), static_cast<std::size_t>(count));
    }
}

} // namespace gw::sys
