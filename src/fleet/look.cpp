#include "fleet/look.hpp"

#include "fleet/etcd.hpp"

namespace gw::fleet {

Result<FleetPicture> look(const FleetSettings& settings, std::chrono::milliseconds patience) {
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    const FleetKeys keys(settings.prefix);
    const auto range = answer_of(io, etcd.range_of_prefix(keys.all()));
    return range ? Result<FleetPicture>(picture_of(keys, *range)) : std::unexpected(range.error());
}

} // namespace gw::fleet
