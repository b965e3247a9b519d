/// What s6-supervise keeps of its service in `supervise/status`, read without a process of s6's.
/// Pure.
#pragma once

#include "rules/observed_service.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace gw::supervise {

/// Size of the file in s6 2.11 (`S6_SVSTATUS_SIZE`): two TAI64N stamps, the pid, the status of
/// wait(2), and a byte of flags. Later versions have more in it.
inline constexpr std::size_t status_size = 35;

/// Beyond that it is the file of no version.
inline constexpr std::size_t status_limit = 256;

/// As s6-svstat(1) would tell it, `since` being a Unix time; nullopt for the file of another
/// version, which s6-svstat has to be asked about.
std::optional<ObservedService> parse_status_file(std::string_view bytes);

} // namespace gw::supervise
