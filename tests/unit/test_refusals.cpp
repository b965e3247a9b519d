#include "support.hpp"
#include "sys/refusals.hpp"

#include <cerrno>
#include <map>
#include <set>

using namespace gw;
using sys::VolumeOperation;

TEST_CASE("refusals: each row of the table names what a volume may refuse, and nothing else is "
          "tolerated") {
    const std::map<VolumeOperation, std::set<int>> table = {
        {VolumeOperation::flush_file, {EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::flush_directory, {EINVAL, ENOSYS, EOPNOTSUPP, EBADF, EISDIR}},
        {VolumeOperation::set_mode, {EPERM, EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::set_owner, {EPERM, EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::lock, {ENOLCK, EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::record_lock, {ENOLCK, EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::rename_new, {EPERM, EINVAL, ENOSYS, EOPNOTSUPP}},
        {VolumeOperation::make_fifo, {}},
    };
    CHECK(table.size() == sys::volume_operations);
    constexpr int errnos = 134;
    for (const auto& [operation, refusals] : table) {
        for (int error = 0; error < errnos; ++error) {
            CAPTURE(sys::to_string(operation));
            CAPTURE(error);
            CHECK(sys::is_refusal(operation, error) == refusals.contains(error));
        }
        CHECK(!sys::to_string(operation).empty());
        CHECK(!sys::consequence_of(operation).empty());
    }
}

TEST_CASE("refusals: a broken disk, a full one and a missing permission are failures of every "
          "operation") {
    for (std::size_t i = 0; i < sys::volume_operations; ++i) {
        for (const int error : {EIO, ENOSPC, EROFS, EDQUOT, EMFILE, ESTALE}) {
            CHECK_FALSE(sys::is_refusal(static_cast<VolumeOperation>(i), error));
        }
    }
}
