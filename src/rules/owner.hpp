/// Who runs the gateways of a volume. Pure.
#pragma once

#include "base/process.hpp"
#include "rules/settings.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// In the home: whoever has a share in the volume has this file locked.
inline constexpr const char* owner_lock_name = ".gateway-owner.lock";

/// One container, or one host: where processes see each other. No two that live at the same time
/// are equal.
struct Place {
    std::string boot_id;
    std::string pid_namespace; ///< as /proc names it; one kernel gives each of the living another
    friend bool operator==(const Place&, const Place&) = default;
};

/// A member as it has written itself down when it took the volume.
struct Owner {
    std::string member; ///< the name that people know it by
    std::string host;
    Place place;
    Pid pid;           ///< of the process that took it, in its own pid namespace
    std::string since; ///< RFC 3339
};

/// What keeps two members from running the gateways of one volume.
enum class Guard {
    lock,  ///< a lock on the volume, for the containers of one machine
    fleet, ///< leases of etcd
};
Guard guard_of(const Settings& settings);

/// "web-1 since 2026-11-20T23:45:25+00:00"; the host too where the member has another name.
std::string to_text(const Owner& owner);
/// The same of another member, which may have left no record, or one that cannot be read. Those of
/// a fleet may be nobody's as well.
std::string to_text(const std::optional<Owner>& owner, Guard guard);
/// The member's name for a sentence: "web-1", or "that member".
std::string name_of(const std::optional<Owner>& owner);

/// For whom another member owns the volume: how to see more, and how to have it here.
std::string_view foreign_owner_cure(Guard guard);

/// Who owns the volume now, seen from here.
struct Standing {
    enum class Kind {
        nobody,    ///< it is free
        here,      ///< this container, or this host
        elsewhere, ///< another one, which lives
        unknown,   ///< the volume cannot tell
    };
    Kind kind = Kind::nobody;
    std::optional<Owner> owner{}; ///< nullopt: it has left no record
};

/// "web-1 since … (this one)", "nobody", "not known".
std::string to_text(const Standing& standing);

/// What a boot pass knows of the volume, and of itself.
struct KeepingFacts {
    Standing::Kind found = Standing::Kind::nobody; ///< before it asked for a share
    Role role = Role::owner;
    TreeKind tree = TreeKind::shared;
    bool supervisor_live = false;
    bool becomes_tree = false; ///< everything in the tree will have its share
    bool in_fleet = false;     ///< it is the agent, which is there as long as the tree is
};

/// Whether a service in the scandir has to have the share of this member (or wait for it), because
/// the pass ends and its share with it:
///
/// | the volume            | shared tree | own tree                                      |
/// |-----------------------|-------------|-----------------------------------------------|
/// | was free              | yes         | where it lives already: it was started without |
/// | is this member's      | yes         | no: the tree has it                           |
/// | is another one's      | as standby  | as standby                                    |
/// | cannot be locked      | no          | no                                            |
///
/// A pass that becomes the tree needs it only to wait. In a fleet it is wanted always.
bool needs_keeper(const KeepingFacts& facts);

/// What the lock and the record beside it mean together. `is_held`: nullopt where it cannot be
/// known. A record alone proves nothing: it stays behind.
Standing judge_standing(std::optional<bool> is_held, std::optional<Owner> record,
                        const Place& here);

} // namespace gw
