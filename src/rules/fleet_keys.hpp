/// What a fleet keeps in etcd, below the prefix of its configuration. Pure.
///
/// | key              | bound to a lease | what it says                                           |
/// |------------------|------------------|--------------------------------------------------------|
/// | `members/NAME`   | the member's     | who lives: host, since when, capacity                  |
/// | `owner`          | the owner's      | who has the whole volume; claimed where it is not there |
/// | `places/PROFILE` | its holder's     | who has the place of one gateway; claimed likewise     |
/// | `pins/PROFILE`   | no               | the member to which somebody has moved it              |
/// | `asks/ID`        | the asker's      | a verb for the member that has the gateway             |
/// | `answers/ID`     | the asker's      | what became of it                                      |
/// | `cordon/NAME`    | no               | the member takes nothing new                           |
/// | `drain/NAME`     | no               | the member gives away what it has, and takes nothing   |
#pragma once

#include "rules/etcd_messages.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

/// The keys below one prefix.
class FleetKeys {
  public:
    explicit FleetKeys(std::string prefix) : prefix_(std::move(prefix)) {}

    /// What all of them begin with.
    [[nodiscard]] std::string all() const { return prefix_ + "/"; }
    [[nodiscard]] std::string members() const { return prefix_ + "/members/"; }
    [[nodiscard]] std::string member(std::string_view name) const;
    [[nodiscard]] std::string owner() const { return prefix_ + "/owner"; }
    [[nodiscard]] std::string place(std::string_view profile) const;
    [[nodiscard]] std::string pin(std::string_view profile) const;
    [[nodiscard]] std::string asks() const { return prefix_ + "/asks/"; }
    [[nodiscard]] std::string ask(std::string_view id) const { return asks() + std::string(id); }
    [[nodiscard]] std::string answer(std::string_view id) const;
    [[nodiscard]] std::string cordon(std::string_view name) const;
    [[nodiscard]] std::string drain(std::string_view name) const;

  private:
    std::string prefix_;
};

/// A member as it has written itself down.
struct MemberRecord {
    std::string name;
    std::string host;
    std::string since; ///< RFC 3339
    int capacity = 1;
};
std::string to_value(const MemberRecord& member);
/// Of a value that is none of ours only the name is known.
MemberRecord member_of(std::string_view name, std::string_view value);

/// Names of members are parts of keys: neither empty, nor with a slash or blanks.
bool is_member_name(std::string_view name);

/// All of a fleet, as one look has found it.
struct FleetPicture {
    struct Member {
        MemberRecord member;
        etcd::LeaseId lease = 0;
        bool cordoned = false;
        bool drains = false;
        std::optional<etcd::LeaseTime> time{}; ///< of the lease, where somebody has asked for it
    };
    /// A verb that somebody has asked for.
    struct Asked {
        std::string id;
        std::string value; ///< rules/fleet_asks.hpp
        etcd::Revision revision = 0;
        etcd::LeaseId lease = 0;
    };
    /// Who has the volume, or a place.
    struct Owner {
        MemberRecord member;
        etcd::Revision token = 0;
        etcd::LeaseId lease = 0;
    };
    std::vector<Member> members{}; ///< that live, by name
    std::optional<Owner> owner{};
    std::map<std::string, Owner, std::less<>> places{};     ///< by profile
    std::map<std::string, std::string, std::less<>> pins{}; ///< member by profile
    std::vector<Asked> asked{};
    std::vector<std::string> cordoned{}; ///< members, also those that do not live
    std::vector<std::string> drained{};
    etcd::Revision revision = 0;
};
FleetPicture picture_of(const FleetKeys& keys, const etcd::Range& range);

} // namespace gw
