/// What a shell offers for the word under the cursor, from the verb table. Pure.
#pragma once

#include "cli/verb_table.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace gw::cli {

struct Candidate {
    std::string word;
    std::string meaning{}; ///< one line; may be empty
};

/// What else the shell itself may offer.
enum class ShellOffer { nothing, files, directories };

struct Completion {
    std::vector<Candidate> candidates; ///< those that begin with the word under the cursor
    ShellOffer offer = ShellOffer::nothing;
    bool wants_profiles = false;     ///< names of profiles belong to the candidates, too
    std::optional<std::string> home; ///< whose: as typed behind --home
};

/// `words` are those of the command line without the program's name, the one under the cursor (it
/// may be empty) last.
Completion complete_line(std::span<const std::string> words);

/// The shells there is a script for: bash, zsh, fish.
std::vector<std::string> completion_shells();

/// The script that a shell reads, which asks `gatewayctl complete` at each word; empty for another
/// shell.
std::string_view completion_script(std::string_view shell);

} // namespace gw::cli
