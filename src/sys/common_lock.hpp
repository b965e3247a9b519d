/// A lock that a group of processes has in common, while nobody else can have it.
#pragma once

#include "base/error.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"
#include "sys/lock_call.hpp"

#include <optional>
#include <string>

namespace gw::sys {

/// An open lock file. Alone: the exclusive lock; in common: the shared one. It is an open file
/// description lock of fcntl(2), or, where the volume refuses that, one of flock(2): both belong to
/// the open file, live as long as this object and every process that has inherited it, and the
/// kernel gives them back with the last of those, whatever ended it. That of fcntl comes first
/// because it can be asked about without being taken, and changes over from the one to the other
/// without a moment in which somebody else could have it.
class CommonLock {
  public:
    /// Creates the lock file (owned by the directory's owner) if needed.
    static Result<CommonLock> open(Effects& effects, const Directory& at, const std::string& name);

    /// At once; errno is that of a failure. Who has it in the other way changes over. `held` also
    /// when the file is not under its name any more: then it keeps nobody out, and is to be opened
    /// again.
    LockAnswer take_alone();
    LockAnswer take_in_common();
    /// Waits without a limit.
    LockAnswer wait_alone();

    /// Every process that this one starts, or becomes, has the lock as well: in the descriptor
    /// whose number is answered.
    int bequeath();
    /// The lock that this process has inherited in that descriptor; nullopt when the descriptor is
    /// something else than the lock file.
    static std::optional<CommonLock> inherited(int fd, const Directory& at,
                                               const std::string& name);

    /// Whether nobody could have it alone now. Changes nothing, and is in nobody's way where the
    /// volume has locks of fcntl; an error means that it cannot be known: Errc::unsupported on a
    /// volume that has no locks.
    static Result<bool> is_held(const Directory& at, const std::string& name);

  private:
    CommonLock(UniqueFd fd, const Directory& at, std::string name)
        : fd_(std::move(fd)), at_(&at), name_(std::move(name)) {}
    LockAnswer if_under_its_name(LockAnswer answer);
    UniqueFd fd_;
    const Directory* at_; ///< outlives it
    std::string name_;
};

} // namespace gw::sys
