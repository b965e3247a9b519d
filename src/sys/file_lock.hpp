/// Advisory locks on files: the kernel gives them back when the holder dies.
#pragma once

#include "base/error.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"
#include "sys/lock_call.hpp"

#include <chrono>
#include <string>

namespace gw::sys {

/// Whether an open file is the one that others find under its name: whoever held its lock may have
/// removed it.
bool is_under_its_name(int fd, const Directory& at, const std::string& name);

/// What a look at the lock of an open file (`taken`: it could be had) tells of the lock file under
/// that name; false when there is none. An error means that it cannot be known: Errc::unsupported
/// on a volume that has no locks.
Result<bool> is_lock_held(const Directory& at, const std::string& name, LockAnswer (*look)(int));

/// An exclusive lock (sys/lock_call.hpp) held as long as the object lives. Its holder may remove
/// the lock file: who waits for it then goes on to the next file of that name.
class FileLock {
  public:
    /// Creates the lock file (owned by the directory's owner) if needed and waits for the lock.
    /// Errc::timed_out when another process holds it until the deadline.
    static Result<FileLock> acquire(Effects& effects, const Directory& at, const std::string& name,
                                    std::chrono::milliseconds deadline);

    /// Whether somebody holds it now. Changes nothing; asks for a shared lock for a moment, which a
    /// caller of `acquire` must be patient enough for. An error means that it cannot be known.
    static Result<bool> is_held(const Directory& at, const std::string& name);
    /// False on a volume that cannot lock at all: this one keeps nobody out.
    [[nodiscard]] bool excludes() const { return excludes_; }

  private:
    FileLock(UniqueFd fd, bool excludes) : fd_(std::move(fd)), excludes_(excludes) {}
    UniqueFd fd_;
    bool excludes_;
};

} // namespace gw::sys
