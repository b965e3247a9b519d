/// Where one member has the whole volume: each waits for the key `owner`, and runs the gateways as
/// long as it has it.
#pragma once

#include "fleet/work.hpp"

#include <optional>
#include <string>

namespace gw::fleet {

class VolumeWork : public Work {
  public:
    using Work::Work;

  private:
    Task<bool> step() override;
    [[nodiscard]] bool has(const ProfileName& /*profile*/) const override {
        return token_.has_value();
    }
    Task<void> take(etcd::LeaseId lease);
    Task<void> own(etcd::Revision token);
    Task<void> give_back();
    Task<void> is_gone(std::string_view why);
    void write_down(const FleetPicture::Owner& owner);

    std::optional<etcd::Revision> token_; ///< of the volume, as long as this member has it
    /// What it had before. The mirror may show it still.
    std::optional<etcd::Revision> earlier_token_;
    std::string written_; ///< whom the record of the owner names
};

} // namespace gw::fleet
