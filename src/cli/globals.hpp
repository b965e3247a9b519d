/// The flags every verb shares, and what they resolve to.
#pragma once

#include "base/error.hpp"
#include "base/json_object.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "sys/log.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gw::cli {

enum class ColourWhen { automatic, always, never };

struct Globals {
    Flags flags;
    std::optional<std::string> profile; ///< -p
    bool json = false;
    ColourWhen colour = ColourWhen::automatic;
    sys::Verbosity verbosity = sys::Verbosity::normal;
    /// The words behind `--`, untouched: the command of `run`.
    std::vector<std::string> command;
};

/// Environment of this process; a blank variable counts as unset.
std::optional<std::string> environment(const std::string& name);

/// Settings with the configuration files read; their warnings are logged.
Settings load_settings(const Globals& globals);

/// The home and the settings a verb works with.
struct Workplace {
    Settings settings;
    store::Home home;
};
Result<Workplace> open_workplace(const Globals& globals);

/// When root runs a verb on a home that belongs to somebody else, becomes that user for good, so
/// that no file of root's is left on the volume (field report #16480) and no path that this user
/// can swap is followed as root.
Result<void> become_home_owner(const store::Home& home);

/// Logs an error with its next command and answers with its exit status.
int report_error(const Error& error);

/// Whether stdout (1) or stderr (2) gets colour: --color, then NO_COLOR, then isatty(3).
bool wants_colour(ColourWhen when, int fd);

} // namespace gw::cli
