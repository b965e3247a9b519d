#include "sys/growing_file.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace gw::sys {

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
    fd_ = UniqueFd(
        ::openat(directory_.fd(), name_.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
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
