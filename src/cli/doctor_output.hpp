/// What `doctor` says, in words and in JSON: the same for each program that looks.
#pragma once

#include "base/json_object.hpp"
#include "cli/output.hpp"
#include "inspect/checkup.hpp"

#include <string>
#include <vector>

namespace gw::cli {

std::string to_text(const std::vector<inspect::Section>& sections, const Palette& palette);
/// `version`, `worst`, `sections`.
Json to_json(const std::vector<inspect::Section>& sections);
/// What `to_json` has written; what is not of that form is left out.
std::vector<inspect::Section> sections_in(const Json& said);

/// 0: nothing but notes; 1: an error; 2: a warning.
int exit_status_of(const std::vector<inspect::Section>& sections);

} // namespace gw::cli
