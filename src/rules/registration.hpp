/// Whether a profile has a service at all. Pure.
#pragma once

#include "rules/author.hpp"
#include "rules/intent.hpp"

#include <cstdint>
#include <string>

namespace gw {

/// The profile was unregistered: it gets no slot until somebody registers or starts it.
struct Unregistration {
    std::string at; ///< RFC 3339
    Author by;
    std::uint64_t generation = 0; ///< of the intent that it left as it was
    friend bool operator==(const Unregistration&, const Unregistration&) = default;
};

/// Whether it still counts. `register` and `start` remove the record; another tool that knows
/// nothing of it starts a gateway by an intent, which is then later than the record.
bool still_counts(const Unregistration& record, const Intent& intent);

/// "by uid 10000 app at 2026-…"; not printable yet.
std::string to_text(const Unregistration& record);

} // namespace gw
