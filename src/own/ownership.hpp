/// Who runs the gateways of a volume: one member, and how a process comes to belong to it.
///
/// Whoever runs a gateway, or changes what one does, has a share in the volume meanwhile. All
/// shares are those of one member (one container, or one host); as long as anybody has one, no
/// other member gets one. `Ownership` is the interface; the provider for one machine is a lock file
/// (own/file_ownership.cpp), and that of a fleet's member, for each gateway by itself, its fence
/// (own/fence_ownership.cpp).
#pragma once

#include "base/finding.hpp"
#include "rules/fence.hpp"
#include "rules/owner.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "sys/effects.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::own {

/// What keeps a share; it is given back with the object.
class Keep {
  public:
    Keep() = default;
    virtual ~Keep() = default;
    Keep(const Keep&) = delete;
    Keep& operator=(const Keep&) = delete;
    /// Every process that this one starts, or becomes, has the share as well, in the descriptor
    /// whose number is answered.
    virtual int bequeath() = 0;
};

/// The answer to who asked for a share.
struct Share {
    enum class Kind {
        taken,     ///< nobody had the volume: this member owns it from now on
        joined,    ///< this member has owned it already
        unguarded, ///< it cannot be locked: go on, and nobody is kept out; `problem` says why
        refused,   ///< another member has it
    };
    Kind kind = Kind::refused;
    std::unique_ptr<Keep> keep{}; ///< of one that was taken or joined
    std::optional<Owner> owner{}; ///< when refused, as far as it has left a record
    std::string problem{};        ///< when unguarded, or refused by a fence: why

    [[nodiscard]] bool is_ours() const { return kind != Kind::refused; }
    std::optional<int> bequeath() const {
        return keep ? std::optional(keep->bequeath()) : std::nullopt;
    }
};

class Ownership {
  public:
    Ownership() = default;
    virtual ~Ownership() = default;
    Ownership(const Ownership&) = delete;
    Ownership& operator=(const Ownership&) = delete;

    /// Who owns the volume now. Changes nothing.
    [[nodiscard]] virtual Standing look() const = 0;
    /// A share, where the volume is this member's or free; `refused` within a fraction of a second.
    virtual Share take(sys::Effects& effects) = 0;
    /// Waits until the volume is free, and takes it; never `refused`.
    virtual Share wait(sys::Effects& effects) = 0;
    /// Why locks here may not reach every machine that has the volume; empty: they do.
    [[nodiscard]] virtual std::string doubt() const = 0;
};

/// The name of this member; asked only when it takes a volume, because it lies in the
/// configuration.
using MemberName = std::function<std::string()>;

/// Where this process is.
Place place_here();

/// For one machine: a lock file in the home. `home` outlives it.
std::unique_ptr<Ownership> file_ownership(const store::Home& home, MemberName name,
                                          Place here = place_here());

/// For several machines, and the volume as a whole: what the agent of this member has written into
/// its fence.
std::unique_ptr<Ownership> fleet_ownership(const Settings& settings);

/// The one that the settings ask for. Both outlive it.
std::unique_ptr<Ownership> ownership_of(const store::Home& home, const Settings& settings);

/// In a member of a fleet: the directory of its fence (store/fence.hpp).
std::optional<std::string> fence_here();
/// For one gateway, in a member of a fleet: its fence. It is this member's as long as the fence is
/// not closed, and nothing has to be locked for that, nor given back.
std::unique_ptr<Ownership> fence_ownership(std::string directory, ProfileName profile);
/// Who may run one profile's gateway, and write of its lives: by the fence where there is one.
std::unique_ptr<Ownership> ownership_of(const store::Home& home, const Settings& settings,
                                        const ProfileName& profile);

/// Why a fence of a fleet's member refuses, for the providers that ask it.
std::string why_fenced(const Fence& fence);

/// Errc::conflict of a share that was refused, naming the owner; `next` is typed there. In a fleet
/// nobody may have it: then it is said what this member lacks.
Error refusal(const Share& share, const std::string& next);

} // namespace gw::own
