/// `<home>/.gateway-owner.json`: which member has taken the volume, and `.gateway-owner.lock`,
/// which tells whether it still has it.
#pragma once

#include "rules/owner.hpp"
#include "store/state_file.hpp"
#include "sys/directory.hpp"
#include "sys/effects.hpp"

#include <optional>

namespace gw::store {

inline constexpr const char* owner_file_name = ".gateway-owner.json";

/// nullopt when it is absent, or names no member.
std::optional<Owner> judge_owner(const JsonFile& file);
std::optional<Owner> read_owner(const sys::Directory& home);

/// Whoever writes it has the lock alone. It need not survive a power cut: the lock does not.
Result<void> write_owner(sys::Effects& effects, const sys::Directory& home, const Owner& owner);

} // namespace gw::store
