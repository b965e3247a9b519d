#include "store/operation_lock.hpp"

namespace gw::store {

Result<sys::FileLock> lock_operations(sys::Effects& effects, const sys::Directory& profile,
                                      std::chrono::milliseconds patience) {
    return sys::FileLock::acquire(effects, profile, operation_lock_name, patience);
}

} // namespace gw::store
