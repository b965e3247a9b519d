/// What a write that was killed has left in a profile: temporary files of `replace_file`.
#pragma once

#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <string>
#include <vector>

namespace gw::store {

/// Their paths relative to the profile, as far as its listing `entries` and that of `state/` have
/// them; at most `max_leftovers`, so that a volume full of them delays no boot: the next pass takes
/// more. One that is being written now is among them: nobody but its writer can tell by the name.
std::vector<std::string> find_leftovers(const sys::Directory& profile,
                                        const std::vector<sys::DirectoryEntry>& entries);
inline constexpr std::size_t max_leftovers = 64;

/// Removes one of them, unless it is being written now.
Result<void> remove_leftover(sys::Effects& effects, const sys::Directory& profile,
                             const std::string& relative);

/// Removes those that are there; what cannot be removed is no reason to do nothing else.
void remove_leftovers(sys::Effects& effects, const sys::Directory& profile);

} // namespace gw::store
