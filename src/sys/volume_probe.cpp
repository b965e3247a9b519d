#include "sys/volume_probe.hpp"

#include "sys/errno_error.hpp"
#include "sys/platform.hpp"
#include "sys/replacement.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gw::sys {

namespace {

int record_lock(int fd) {
    struct flock whole{};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    return platform::record_lock(fd, platform::RecordCall::take, whole);
}

} // namespace

Result<std::vector<Incapacity>> probe_volume(const Directory& at) {
    constexpr const char* subject = "gatewayctl-probe";
    const auto file = make_temporary(at, subject, 0600);
    const auto other = make_temporary(at, subject, 0600);
    if (!file.fd || !other.fd) {
        return fail_errno(errno, "cannot make a file in " + at.path());
    }
    ::unlinkat(at.fd(), other.name.c_str(), 0); // only its name is wanted
    std::vector<Incapacity> found;
    const auto try_out = [&found](VolumeOperation operation, int answer) {
        if (answer != 0) {
            found.push_back({operation, errno_error(errno, to_string(operation)).message});
        }
    };
    const int fd = file.fd.get();
    try_out(VolumeOperation::flush_file, platform::flush(fd));
    try_out(VolumeOperation::flush_directory, platform::flush(at.fd()));
    try_out(VolumeOperation::set_mode, ::fchmod(fd, 0640));
    try_out(VolumeOperation::set_owner, ::fchown(fd, ::geteuid(), ::getegid()));
    try_out(VolumeOperation::lock, ::flock(fd, LOCK_EX | LOCK_NB));
    try_out(VolumeOperation::record_lock, record_lock(fd));
    try_out(VolumeOperation::rename_new,
            platform::rename_new(at.fd(), file.name.c_str(), other.name.c_str()));
    ::unlinkat(at.fd(), file.name.c_str(), 0);
    ::unlinkat(at.fd(), other.name.c_str(), 0);
    try_out(VolumeOperation::make_fifo, platform::make_fifo(at.fd(), other.name.c_str(), 0600));
    ::unlinkat(at.fd(), other.name.c_str(), 0);
    return found;
}

} // namespace gw::sys
