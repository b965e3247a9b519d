#include "fleet/look.hpp"

#include "fleet/etcd.hpp"
#include "sys/clock.hpp"

namespace gw::fleet {

namespace {

Task<Result<FleetPicture>> picture(Etcd& etcd, const FleetSettings& settings) {
    const FleetKeys keys(settings.prefix);
    const auto range = co_await etcd.range_of_prefix(keys.all());
    co_return range ? Result<FleetPicture>(picture_of(keys, *range))
                    : std::unexpected(range.error());
}

/// As many leases as can be asked for in the time: of a thousand members the picture alone is
/// better than none.
Task<Result<FleetPicture>> picture_with_leases(Etcd& etcd, const FleetSettings& settings,
                                               std::chrono::milliseconds patience) {
    const sys::Deadline end(patience);
    auto fleet = co_await picture(etcd, settings);
    if (!fleet) {
        co_return fleet;
    }
    for (auto& one : fleet->members) {
        if (end.passed()) {
            break;
        }
        const auto time = co_await etcd.time_to_live(one.lease);
        if (!time) {
            co_return std::unexpected(time.error());
        }
        one.time = *time;
    }
    co_return fleet;
}

} // namespace

Result<FleetPicture> look(const FleetSettings& settings, std::chrono::milliseconds patience) {
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    return answer_of(io, picture(etcd, settings));
}

Result<FleetPicture> look_at_leases(const FleetSettings& settings,
                                    std::chrono::milliseconds patience) {
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    return answer_of(io, picture_with_leases(etcd, settings, patience));
}

} // namespace gw::fleet
