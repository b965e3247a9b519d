/// The rows of the table, and what several rows share. For cli/verb_table.cpp alone.
#pragma once

#include "cli/verb_table.hpp"

#include <array>
#include <initializer_list>
#include <span>
#include <string_view>

namespace gw::cli::rows {

/// Rows that are made together. To make all of them takes longer than most verbs, so that a command
/// line makes those alone whose words it has.
struct Chapter {
    /// What its verbs begin with, in their order; the rest is empty.
    std::array<std::string_view, 6> words;
    std::vector<Verb> (*rows)();
};

std::span<const Chapter> of_people();
std::span<const Chapter> of_looking();
std::span<const Chapter> of_the_program_and_hosts();
std::span<const Chapter> of_gateways();
std::span<const Chapter> of_images();
std::span<const Chapter> of_fleets();

/// NAME…: several profiles.
Parameter names();
/// NAME: exactly one profile, which must be named.
Parameter one_name();
/// --all; excludes NAME.
Parameter all(std::string help);
/// --timeout SECONDS: how long a verb waits at most; `otherwise` says how long without it.
Parameter timeout(const std::string& otherwise);
Parameter force();
Parameter flag(std::string name, std::string help);

/// 0, 1, 64, 77 and 78, which nearly every verb can end with, and `more`, in order.
std::vector<ExitStatus> usual_statuses(std::initializer_list<int> more);
/// What both verbs that look for what is wrong end with, and `more`.
std::vector<ExitStatus> doctor_statuses(std::initializer_list<ExitStatus> more = {});

} // namespace gw::cli::rows
