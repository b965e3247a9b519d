/// The lock that lies in a profile's directory while somebody records what is wanted of it and
/// tells the supervisor.
#pragma once

#include "sys/directory.hpp"
#include "sys/effects.hpp"
#include "sys/file_lock.hpp"

#include <chrono>

namespace gw::store {

inline constexpr const char* operation_lock_name = ".gateway-operation.lock";

/// Of two operations at once, the later one's intent and the later one's command are the same
/// operation's; a boot pass that brings up what was there before it looks at the intent again under
/// it. Errc::timed_out when it is held for longer than `patience`.
Result<sys::FileLock> lock_operations(sys::Effects& effects, const sys::Directory& profile,
                                      std::chrono::milliseconds patience = std::chrono::seconds{
                                          30});

} // namespace gw::store
