/// Who a process is: a pid alone is reused by the kernel, pid and start time are not.
#pragma once

#include "base/argv.hpp"

#include <compare>
#include <cstdint>
#include <optional>

namespace gw {

/// A process id; 0 and negative numbers are not pids.
struct Pid {
    std::int32_t value = 0;
    friend auto operator<=>(const Pid&, const Pid&) = default;
};

/// When it started, as the system counts: field 22 of /proc/<pid>/stat; macOS: us since 1970.
struct StartTime {
    std::uint64_t ticks = 0;
    friend auto operator<=>(const StartTime&, const StartTime&) = default;
};

struct ProcessIdentity {
    Pid pid;
    std::optional<StartTime> start_time; ///< nullopt where the system does not tell
    friend bool operator==(const ProcessIdentity&, const ProcessIdentity&) = default;
};

/// A running process and the words it was started with.
struct ProcessCommand {
    Pid pid;
    Pid parent; ///< 0 when it is not known, and of the first process
    Argv argv;  ///< empty when it cannot be read
};

/// How a child process ended.
struct ChildEnd {
    enum class Kind { never_started, exited, killed };
    Kind kind = Kind::never_started;
    int value = 0; ///< exit code, or the number of the signal

    /// What a shell would answer: the code, or 128 + n for signal n.
    [[nodiscard]] int shell_code() const {
        constexpr int signal_base = 128;
        return kind == Kind::killed ? signal_base + value : value;
    }
};

} // namespace gw
