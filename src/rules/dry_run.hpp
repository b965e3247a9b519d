/// What start, stop and restart would do to one gateway: the words of `--dry-run`.
///
/// Pure. The first part is what becomes of the process, first match wins; the second, after a
/// semicolon, what becomes of the intent where that changes.
///
/// | asked   | there is                             | answer                                        |
/// |---------|--------------------------------------|-----------------------------------------------|
/// | start   | a process, wanted up                 | it is up already                              |
/// | start   | a process on its way down            | it comes up once that has ended               |
/// | start   | no process, and nothing registered   | it is registered, and comes up                |
/// | start   | no process                           | it comes up                                   |
/// | stop    | a process, in sight or holding the   | it gets SIGTERM and the time of its drain     |
/// |         | profile from elsewhere               |                                               |
/// | stop    | no process                           | it is down already                            |
/// | restart | a process, as for stop               | as for stop, and then its next life begins    |
/// | restart | no process                           | it is down, and comes up                      |
#pragma once

#include "base/process.hpp"
#include "rules/intent.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// The three operations on a gateway.
enum class Asked { start, stop, restart };
/// Its verb.
std::string_view to_string(Asked asked);

/// What is there now.
struct BeforeOperation {
    bool registered = false;
    bool wants_up = false;
    std::optional<Pid> process{}; ///< the supervised one
    std::optional<Pid> outside{}; ///< one that holds the profile besides it
    Intent::Kind intent = Intent::Kind::none;
};

/// `drain`: how long it may take to finish its work.
std::string foresee(Asked asked, const BeforeOperation& before, std::chrono::seconds drain);

} // namespace gw
