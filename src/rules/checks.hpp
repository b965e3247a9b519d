/// What `doctor` finds wrong with a machine, a volume and its times. Pure: facts in, findings out.
#pragma once

#include "base/finding.hpp"
#include "base/moment.hpp"
#include "rules/findings.hpp"
#include "rules/owner.hpp"
#include "rules/time_limits.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gw {

/// So much is used of so much.
struct Usage {
    std::uint64_t used = 0;
    std::uint64_t limit = 0;
};

/// How many descriptors a process may have open.
struct DescriptorLimit {
    std::string whose; ///< "s6-svscan", "the gateway 'mail'"
    std::uint64_t limit = 0;
};

struct MachineFacts {
    std::size_t profiles = 0;
    std::optional<Usage> processes{}; ///< of the control group; nullopt: no limit is shown
    std::optional<Usage> memory{};    ///< likewise
    /// What may have the fewest descriptors open of all that were looked at, and how many.
    std::optional<DescriptorLimit> descriptors{};
    std::optional<std::uint64_t> oom_kills{};
    std::optional<Usage> services{}; ///< of the s6-svscan in charge
    Upkeep upkeep = Upkeep::boot_pass;
};
std::vector<Finding> check_machine(const MachineFacts& facts);

/// A file system that a directory lies on.
struct FileSystem {
    std::string type; ///< "ext4", "nfs"; a number in hexadecimal for one that has no name here
    bool network = false;
    bool read_only = false;
    std::uint64_t bytes = 0;
    std::uint64_t bytes_free = 0; ///< to this user
    std::uint64_t files = 0;      ///< 0: it does not count them
    std::uint64_t files_free = 0;
};

/// Something that the file system refuses to do.
struct Refusal {
    std::string what; ///< "flush a directory: Invalid argument"
    std::string cost; ///< what that means
};

struct VolumeFacts {
    std::string home;
    FileSystem system;
    std::uint32_t owner = 0;
    unsigned mode = 0;
    std::uint32_t self = 0; ///< the gateways' user
    bool writable = false;
    std::vector<Refusal> refusals;
};
/// A home without profiles, which may be the place where a volume is to be mounted.
Finding volume_away(const std::string& home);
/// Only whether it is full.
std::vector<Finding> check_room(const VolumeFacts& facts);
std::vector<Finding> check_volume(const VolumeFacts& facts);

/// Who runs the gateways of the volume, and whether this container is to.
std::vector<Finding> check_owner(const Standing& owner, Role role, Guard guard);

struct TimeFacts {
    seconds drain{0};
    bool container = false;                       ///< its stop is a container's
    std::optional<milliseconds> finish_maxtime{}; ///< S6_KILL_FINISH_MAXTIME, where a hook waits
                                                  ///< for the drains; 0: no limit
    std::optional<milliseconds> kill_grace{};     ///< S6_KILL_GRACETIME
    WallTime now{};
    std::optional<WallTime> newest_record{}; ///< that a gateway has written
};
std::vector<Finding> check_times(const TimeFacts& facts);

/// A gateway behind `run`, its logger, and an s6-supervise for each.
inline constexpr std::uint64_t processes_of_a_gateway = 6;
/// Less than this part of a volume, or this much, is as good as nothing: state files are small, and
/// logs are not.
inline constexpr std::uint64_t least_bytes = std::uint64_t{16} << 20U;
inline constexpr std::uint64_t least_files = 64;
/// What a gateway of many connections needs at least.
inline constexpr std::uint64_t least_descriptors = 1024;
/// What s6-overlay sleeps at the end of a container's stop when nobody says otherwise.
inline constexpr milliseconds usual_kill_grace{3000};
/// How far ahead another machine's clock may be.
inline constexpr std::chrono::hours clock_tolerance{1};

} // namespace gw
