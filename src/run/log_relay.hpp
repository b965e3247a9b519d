/// Stands between a gateway and its logger, so that a gateway never hangs in a write to a log that
/// cannot be written: s6-log in its blocking mode stops to read on a full volume, and without it
/// keeps everything in memory; neither ends before it has written all.
#pragma once

#include "base/argv.hpp"
#include "base/error.hpp"
#include "sys/child.hpp"
#include "sys/effects.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace gw::run {

struct RelayLimits {
    /// So many bytes wait for the logger; lines beyond them are lost, and their number is logged.
    std::size_t buffer = std::size_t{1} << 20U;
    /// After the end of the gateway's output, the logger has so long to write what waits, and as
    /// long to end. It holds up no stop for longer.
    std::chrono::milliseconds patience{2000};
    /// Between the end of a logger and the next one.
    std::chrono::milliseconds restart_pause{1000};
    /// Where another machine may have to log into the same directory: a logger that has had nothing
    /// to write for so long ends, and leaves it; one is started for the next line.
    std::optional<std::chrono::milliseconds> rest_after{};
    /// After so many in a row a logger cannot work. One that was started while an earlier one still
    /// has the directory ends so, too, but soon no more.
    int early_ends = 10;
    /// Before a logger that could not work is tried once more.
    std::chrono::milliseconds retry{10'000};
};

/// Who gets the lines.
struct Loggers {
    Argv first;
    /// When the first one cannot work there: it has ended by itself a few times in a row, each time
    /// at once. Empty: there is none, and the first is tried again and again.
    Argv otherwise;
};

/// The logger of a slot: s6-log into that directory, made where it is missing, and a copy of each
/// line to the container's own log, with the profile's name before it; where the directory cannot
/// be used, the copy alone.
Loggers loggers_of_slot(sys::Effects& effects, const std::string& directory,
                        const std::string& profile);

/// Gives the lines of standard input to the logger, a command that reads them from its own, until
/// their end. No signal but SIGKILL ends it before: the container's init sends SIGTERM to
/// everything, and the last lines of a drain come after it.
Result<void> relay_log(Loggers loggers, sys::SignalEvents& signals, const RelayLimits& limits);

} // namespace gw::run
