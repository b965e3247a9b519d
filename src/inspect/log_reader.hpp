/// The logs of several gateways as one: all files of their loggers, merged by time. Reads only.
#pragma once

#include "base/error.hpp"
#include "base/moment.hpp"
#include "base/profile_name.hpp"
#include "inspect/previous_life.hpp"
#include "supervise/manager.hpp"
#include "sys/directory.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::inspect {

/// One gateway's logger.
struct LogSource {
    ProfileName profile;
    sys::Directory directory;
    std::optional<LifeWindow> life{}; ///< only what was said in it
};

/// Which lines are wanted: from `since` on, at most the last `lines` of all.
struct LogWindow {
    std::optional<WallTime> since;
    std::size_t lines = 0;
};

/// A line as it stands there, with the stamp of s6-log (`T`) in front: local time, so that stamps
/// sort as they are read. One without a stamp belongs to the line before it.
struct LogLine {
    std::size_t source = 0; ///< index of its gateway
    std::string stamp;      ///< of it, or of the line before it
    std::string text;
};

/// The stamp of a line, "2026-11-26 05:49:25.123456789"; empty: it has none.
std::string_view stamp_of(std::string_view line);
/// A moment as such a stamp, for comparing.
std::string to_stamp(WallTime time);

/// By stamp; of the same gateway in the order in which they were written. Pure.
std::vector<LogLine> merge(std::vector<std::vector<LogLine>> by_source);

/// The last lines of one gateway, as they stand there; empty where it has none that can be read.
/// Only the ends of its files are read; a host's supervisor is asked for them.
std::vector<std::string> last_log_lines(const supervise::ServiceManager& manager,
                                        const ProfileName& profile, std::size_t most);

/// What is there now.
std::vector<LogLine> read_logs(std::span<const LogSource> sources, const LogWindow& window);

/// Reads what is there, and then what comes: of what is written meanwhile nothing is lost, and
/// nothing is there twice. `sources` outlive it.
class LogFollower {
  public:
    explicit LogFollower(std::span<const LogSource> sources);
    ~LogFollower();
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;

    /// What was there when it was made.
    [[nodiscard]] std::vector<LogLine> read(const LogWindow& window) const;
    /// Hands over what comes from then on, until `show` answers false or somebody has had enough of
    /// it. A logger that rotates its file loses nothing here.
    void follow(const std::function<bool(const std::vector<LogLine>&)>& show);

  private:
    class Follower;
    std::span<const LogSource> sources_;
    std::vector<Follower> followers_;
};

} // namespace gw::inspect
