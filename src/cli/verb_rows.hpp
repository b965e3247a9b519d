/// The rows of the table, and what several rows share. For cli/verb_table.cpp alone.
#pragma once

#include "cli/verb_table.hpp"

#include <initializer_list>

namespace gw::cli::rows {

std::vector<Verb> of_people();
/// Those of them that only look.
std::vector<Verb> of_looking();
std::vector<Verb> of_gateways();
std::vector<Verb> of_images();

/// NAME…: several profiles.
Parameter names();
/// NAME: exactly one profile, which must be named.
Parameter one_name();
/// --all; excludes NAME.
Parameter all();
/// --timeout SECONDS: how long a verb waits at most; `otherwise` says how long without it.
Parameter timeout(const std::string& otherwise);
Parameter force();
Parameter flag(std::string name, std::string help);

/// 0, 1, 64, 77 and 78, which nearly every verb can end with, and `more`, in order.
std::vector<ExitStatus> usual_statuses(std::initializer_list<int> more);

} // namespace gw::cli::rows
