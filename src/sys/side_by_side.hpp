/// Work on many independent things, on two processors where there are two.
#pragma once

#include <cstddef>
#include <functional>

namespace gw::sys {

/// Calls `work` once for each index below `count`, in no order, from at most two threads. What it
/// does for one index must not touch what it touches for another, start no process, and throw
/// nothing. Few things are done in their order by the caller alone: a thread costs more than it
/// brings there (measured: at fewer than about fifty slots).
void for_each_side_by_side(std::size_t count, const std::function<void(std::size_t)>& work);

} // namespace gw::sys
