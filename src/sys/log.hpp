/// Messages for people, on stderr; stdout is for data.
#pragma once

#include "base/error.hpp"

#include <string_view>

namespace gw::sys {

enum class Verbosity { quiet, normal, verbose };

/// Sets up the messages once, before the first. `colour`: escape sequences are wanted.
void start_log(Verbosity verbosity, bool colour); // NOLINT(readability-named-parameter)

void log_debug(std::string_view message);
void log_info(std::string_view message);
void log_warning(std::string_view message);
void log_error(std::string_view message);
/// What failed and, where there is one, the next command. Text from elsewhere is made printable.
void log_error(const Error& error);

} // namespace gw::sys
