/// What an earlier tree on the same scandir has left alive. s6-svscan cannot adopt an s6-supervise
/// that it did not start: it would start a second one once a second, in vain, and its own end would
/// not reach the first (measured with s6 2.11).
#pragma once

#include "supervise/s6/scandir.hpp"
#include "sys/effects.hpp"

#include <chrono>

namespace gw::tree {

/// What is done with an s6-svscan that still serves the scandir.
enum class IfServed {
    refuse, ///< somebody typed `gatewayctl tree` beside a live one
    end_it, ///< its supervisor was killed, and that one's successor has started this process
};

/// Takes down in order what an earlier tree has left: its s6-svscan, then each s6-supervise, all at
/// once: gateways drain, loggers end with them. Errc::conflict for an s6-svscan that is to be left
/// alone, Errc::timed_out when something has not gone at the deadline.
Result<void> end_earlier_tree(sys::Effects& effects, const supervise::Scandir& scandir,
                              IfServed if_served, std::chrono::milliseconds deadline);

} // namespace gw::tree
