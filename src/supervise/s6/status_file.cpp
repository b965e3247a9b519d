#include "supervise/s6/status_file.hpp"

#include <cstdint>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

constexpr std::size_t label_size = 12;
constexpr std::size_t pid_at = 24;
constexpr std::size_t wait_status_at = 32;
constexpr std::size_t flags_at = 34;

constexpr unsigned finishing = 2;
constexpr unsigned wanted_up = 4;
constexpr unsigned ready = 8;

/// TAI64 counts from 2^62 and, since 2017, is 37 s ahead of UTC.
constexpr std::uint64_t tai_of_unix_epoch = (std::uint64_t{1} << 62U) + 37;

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) {
        number = number << 8U | static_cast<unsigned char>(byte);
    }
    return number;
}

std::string label_of(std::string_view stamp) {
    std::string label = "@";
    for (const char byte : stamp) {
        label += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return label;
}

LastExit exit_of(int wait_status) {
    // The signal in the lowest seven bits, else the code in the next byte (wait(2)).
    const int signal = wait_status & 0x7f;
    return signal != 0 ? LastExit{std::nullopt, signal}
                       : LastExit{(wait_status >> 8) & 0xff, std::nullopt};
}

} // namespace

std::optional<ObservedService> parse_status_file(std::string_view bytes) {
    if (bytes.size() != status_size) {
        return std::nullopt;
    }
    const auto flags = static_cast<unsigned char>(bytes[flags_at]);
    const auto pid = static_cast<std::int32_t>(big_endian(bytes.substr(pid_at, 8)));
    const auto stamp = bytes.substr(0, label_size);
    ObservedService seen;
    seen.registered = true;
    seen.supervised = true;
    // While `finish` runs, the pid is that script's.
    seen.up = pid > 0 && (flags & finishing) == 0;
    seen.wants_up = (flags & wanted_up) != 0;
    seen.ready = seen.up && (flags & ready) != 0;
    if (seen.up) {
        seen.process = ProcessIdentity{Pid{pid}, std::nullopt};
    } else {
        seen.last_exit = exit_of(static_cast<int>(big_endian(bytes.substr(wait_status_at, 2))));
    }
    seen.change = label_of(stamp);
    seen.since = static_cast<std::int64_t>(big_endian(stamp.substr(0, 8)) - tai_of_unix_epoch);
    return seen;
}

} // namespace gw::supervise
