/// All keys of a fleet as this member has heard of them: looked at once, then followed by a watch.
/// It may lag behind etcd; whoever takes something asks etcd.
#pragma once

#include "fleet/bell.hpp"
#include "fleet/etcd.hpp"
#include "rules/etcd_messages.hpp"
#include "rules/fleet_settings.hpp"

#include <map>
#include <random>
#include <string>

namespace gw::fleet {

class Mirror {
  public:
    /// Rings for each change. All of them outlive it.
    Mirror(const FleetSettings& settings, std::string prefix, Bell& bell);

    /// Looks and follows for ever; after a watch that has ended it looks anew.
    Task<void> follow();

    /// It has been seen whole since this process has begun.
    [[nodiscard]] bool is_whole() const { return revision_ != 0; }
    [[nodiscard]] etcd::Range range() const;

  private:
    Task<Result<void>> look();
    Task<Result<void>> watch();
    Result<void> hear(std::string_view line);

    const FleetSettings& settings_;
    std::string prefix_;
    Bell& bell_;
    std::chrono::milliseconds patience_;
    Etcd etcd_;
    std::map<std::string, etcd::KeyValue, std::less<>> entries_;
    etcd::Revision revision_ = 0;
    std::minstd_rand dice_;
    std::size_t endpoint_;
};

} // namespace gw::fleet
