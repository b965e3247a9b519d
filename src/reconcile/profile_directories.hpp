/// The directories of the profiles that were observed, kept open, so that what is changed is what
/// was looked at.
#pragma once

#include "store/home.hpp"

#include <map>

namespace gw::reconcile {

/// A container's limit is often 1024 descriptors; the profiles beyond this many are found again.
inline constexpr std::size_t max_kept_directories = 256;

class ProfileDirectories {
  public:
    /// `home` outlives them.
    explicit ProfileDirectories(const store::Home& home) : home_(home) {}

    void keep(const ProfileName& profile, sys::Directory directory) {
        if (kept_.size() < max_kept_directories) {
            kept_.emplace(profile, std::move(directory));
        }
    }

    /// Calls `change` with the directory of the profile; success when that does not exist.
    template <class Change>
    Result<void> change_in(const ProfileName& profile, const Change& change) const {
        if (const auto kept = kept_.find(profile); kept != kept_.end()) {
            return change(kept->second);
        }
        const auto found = home_.find(profile);
        if (!found) {
            return std::unexpected(found.error());
        }
        return *found ? change(**found) : Result<void>{};
    }

    [[nodiscard]] const store::Home& home() const { return home_; }

  private:
    const store::Home& home_;
    std::map<ProfileName, sys::Directory> kept_;
};

} // namespace gw::reconcile
