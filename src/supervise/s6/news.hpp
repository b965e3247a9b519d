/// News of slots.
#pragma once

#include "supervise/manager.hpp"
#include "supervise/s6/scandir.hpp"

#include <memory>
#include <span>

namespace gw::supervise {

/// News from the status files that s6-supervise replaces at every change. Of a few gateways these
/// are read again and again at first, because most of them end at once. Where they cannot be
/// watched (a slot that is not there yet, the limit of inotify), everything is asked again and
/// again.
std::unique_ptr<News> make_slot_news(const Scandir& scandir, std::span<const ProfileName> profiles);

} // namespace gw::supervise
