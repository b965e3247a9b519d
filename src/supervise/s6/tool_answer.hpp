/// What s6's own tools answer.
#pragma once

#include "base/argv.hpp"
#include "sys/command.hpp"

namespace gw::supervise {

/// s6's tools exit so when a system call has failed.
inline constexpr int system_call_failed = 111;

/// An answer that is no success is an error, in the tool's own words.
Result<sys::CommandOutput> checked(const Argv& argv, Result<sys::CommandOutput> output);

} // namespace gw::supervise
