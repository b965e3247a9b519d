/// Errors as values: what failed, why, and the next command to type.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace gw {

/// Why an operation did not happen. `exit_status` maps each one to a process exit status.
enum class Errc {
    usage,          ///< the words of the command line are wrong
    not_registered, ///< the profile has no slot, unit or plist
    no_profile,     ///< there is no such profile on the volume
    not_found,      ///< a file or directory that must be there is not
    not_permitted,  ///< EACCES, EPERM, EROFS
    timed_out,      ///< a deadline passed
    command_failed, ///< a tool of the supervisor failed; its stderr is in the message
    no_manager,     ///< no supervisor was detected
    unsupported,    ///< this backend cannot do that
    bad_config,     ///< the configuration or the home makes no sense
    conflict,       ///< it exists already, or belongs to somebody else
    corrupt,        ///< the bytes on disk are not what they should be
    io,             ///< any other failure of a system call
};

struct Error {
    Errc code = Errc::io;
    std::string
        message;      ///< outermost context first: "cannot start 'a': open(...): Permission denied"
    std::string next; ///< the next command to type; may be empty

    /// The same error seen from one level up.
    [[nodiscard]] Error within(std::string_view context) &&;
    /// The same error with another next command.
    [[nodiscard]] Error advise(std::string_view command) &&;
};

template <class T> using Result = std::expected<T, Error>;

std::unexpected<Error> fail(Errc code, std::string message, std::string next = {});

/// Exit statuses of the command line; the values above 63 are those of sysexits.h.
namespace exit_status {
inline constexpr int done = 0;
inline constexpr int some_failed = 1;
inline constexpr int changes_pending = 2;
inline constexpr int not_running = 3;
inline constexpr int not_registered = 4;
/// `marker`: no answer could be had (unreadable, malformed volume); 1 is its "no".
inline constexpr int no_answer = 2;
inline constexpr int usage = 64;
inline constexpr int no_manager = 69;
inline constexpr int timed_out = 75;
inline constexpr int not_permitted = 77;
inline constexpr int bad_config = 78;
} // namespace exit_status

int exit_status_of(Errc code);

} // namespace gw
