#include "sys/refusals.hpp"

#include <algorithm>
#include <array>
#include <cerrno>

namespace gw::sys {

namespace {

struct Row {
    std::string_view name;
    std::string_view consequence;
    /// Filled up with 0, which is no error. On Linux ENOTSUP is EOPNOTSUPP.
    std::array<int, 5> refusals;
};

const Row& row_of(VolumeOperation operation) {
    static constexpr std::array<Row, volume_operations> rows = {{
        {"flush a file",
         "what is recorded is lost with a power cut until the kernel has written it",
         {EINVAL, ENOSYS, EOPNOTSUPP}},
        {"flush a directory",
         "a power cut may bring the file back that was replaced last",
         {EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EISDIR}},
        {"set the mode of a file",
         "files have the mode that the mount gives them, also those that hold secrets",
         {EPERM, EINVAL, ENOSYS, EOPNOTSUPP}},
        {"give a file to its owner",
         "files belong to whom the mount says",
         {EPERM, EINVAL, ENOSYS, EOPNOTSUPP}},
        {"lock a file with flock",
         "locks of fcntl are taken instead",
         {ENOLCK, EINVAL, ENOSYS, EOPNOTSUPP}},
        {"lock a file with fcntl",
         "two commands at the same time are not kept apart where flock is refused too",
         {ENOLCK, EINVAL, ENOSYS, EOPNOTSUPP}},
        {"rename without replacing",
         "a name is looked at before the rename instead of by it",
         {EINVAL, ENOSYS, EOPNOTSUPP, EPERM}},
        {"make a FIFO", "s6 cannot supervise a directory there", {}},
    }};
    return rows.at(static_cast<std::size_t>(operation));
}

} // namespace

bool is_refusal(VolumeOperation operation, int error) {
    const auto& refusals = row_of(operation).refusals;
    return error != 0 && std::find(refusals.begin(), refusals.end(), error) != refusals.end();
}

std::string_view to_string(VolumeOperation operation) {
    return row_of(operation).name;
}

std::string_view consequence_of(VolumeOperation operation) {
    return row_of(operation).consequence;
}

} // namespace gw::sys
