/// Blocked signals that have been sent.
#pragma once

#include <csignal>
#include <optional>

namespace gw::sys {

/// One signal of the set that waits to be delivered, and waits no more.
std::optional<int> take_pending(sigset_t of);

} // namespace gw::sys
