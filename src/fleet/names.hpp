/// Names of machines, within a time.
#pragma once

#include "fleet/task.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

namespace gw::fleet {

/// The addresses of a name. Errc::timed_out where nobody has answered until then; who is asked
/// (getaddrinfo) cannot be interrupted, and is left to its own end.
Task<Result<std::vector<boost::asio::ip::tcp::endpoint>>>
find_addresses(std::string host, std::uint16_t port, Until until);

} // namespace gw::fleet
