/// Where each gateway has a place of its own: each member takes those that the placement gives it
/// (rules/placement.hpp), and gives away what another one is to have.
#pragma once

#include "fleet/work.hpp"
#include "rules/fleet_moves.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace gw::fleet {

class GatewayWork : public Work {
  public:
    using Work::Work;

  private:
    /// By profile.
    using Tokens = std::map<std::string, etcd::Revision, std::less<>>;
    struct Changes {
        std::vector<std::string> take;
        std::vector<std::string> give;
        bool more = false; ///< than are made at once
    };

    Task<bool> step() override;
    [[nodiscard]] bool has(const ProfileName& profile) const override {
        return held_.contains(profile.str());
    }
    Task<void> learn_profiles();
    Task<bool> settle(const FleetPicture& fleet, etcd::LeaseId lease);
    [[nodiscard]] Changes changes_for(const FleetPicture& fleet) const;
    Task<bool> take(const std::vector<std::string>& profiles, etcd::LeaseId lease);
    Task<bool> give(const std::vector<std::string>& profiles);
    Task<void> release_left();
    bool hold(const std::string& profile, etcd::Revision token);
    void let_go(const std::string& profile);

    std::vector<std::string> profiles_; ///< on the volume
    std::chrono::steady_clock::time_point learn_next_{};
    Tokens held_;
    Tokens leaving_; ///< ended here; etcd is still to hear of it
    /// What this member had before. The mirror may show it still.
    Tokens earlier_;
};

} // namespace gw::fleet
