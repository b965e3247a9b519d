#include "fleet/marks.hpp"

#include "base/text.hpp"
#include "fleet/etcd.hpp"
#include "fleet/look.hpp"
#include "sys/waiting.hpp"

#include <algorithm>

namespace gw::fleet {

namespace {

constexpr std::chrono::milliseconds between_looks{250};
constexpr std::chrono::milliseconds patience_of_look{5'000};

std::string key_of(const FleetKeys& keys, const std::string& member, Mark mark) {
    return mark == Mark::cordon ? keys.cordon(member) : keys.drain(member);
}

Result<void> check_name(const std::string& member) {
    return is_member_name(member)
               ? Result<void>{}
               : fail(Errc::usage, "'" + printable(member) + "' is no name of a member",
                      "gatewayctl fleet status");
}

Result<void> check_lives(const FleetPicture& fleet, const std::string& member) {
    const bool lives = std::ranges::any_of(
        fleet.members, [&](const auto& one) { return one.member.name == member; });
    return lives ? Result<void>{}
                 : fail(Errc::not_found, "no member called " + printable(member) + " lives now",
                        "gatewayctl fleet status");
}

} // namespace

Result<void> mark(const FleetSettings& settings, const std::string& member, Mark mark,
                  std::chrono::milliseconds patience) {
    if (auto good = check_name(member); !good) {
        return good;
    }
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    const FleetKeys keys(settings.prefix);
    if (auto put = answer_of(io, etcd.put(key_of(keys, member, mark), "{}")); !put) {
        return put;
    }
    const auto fleet = look(settings, patience);
    if (!fleet) {
        return std::unexpected(fleet.error());
    }
    return check_lives(*fleet, member);
}

Result<void> unmark(const FleetSettings& settings, const std::string& member,
                    std::chrono::milliseconds patience) {
    if (auto good = check_name(member); !good) {
        return good;
    }
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    const FleetKeys keys(settings.prefix);
    for (const auto one : {Mark::cordon, Mark::drain}) {
        if (auto erased = answer_of(io, etcd.erase(key_of(keys, member, one))); !erased) {
            return erased;
        }
        io.restart();
    }
    return {};
}

Result<FleetPicture> wait_until(const FleetSettings& settings, const Wait& wait) {
    const sys::Deadline end(wait.longest);
    Result<FleetPicture> fleet;
    const bool reached = sys::poll_until(
        end,
        [&] {
            fleet = look(settings, patience_of_look);
            if (fleet) {
                wait.told(*fleet);
            }
            return !fleet || wait.is_so(*fleet);
        },
        between_looks);
    return reached ? fleet : fail(Errc::timed_out, wait.still, "gatewayctl fleet status");
}

bool has_something(const FleetPicture& fleet, const std::string& member) {
    return (fleet.owner && fleet.owner->member.name == member) ||
           std::ranges::any_of(
               fleet.places, [&](const auto& place) { return place.second.member.name == member; });
}

Result<void> pin(const FleetSettings& settings, const ProfileName& profile,
                 const std::string& member, std::chrono::milliseconds patience) {
    const auto fleet = look(settings, patience);
    if (!fleet) {
        return std::unexpected(fleet.error());
    }
    if (auto there = check_lives(*fleet, member); !there) {
        return there;
    }
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    return answer_of(io, etcd.put(FleetKeys(settings.prefix).pin(profile.str()), member));
}

Result<void> unpin(const FleetSettings& settings, const ProfileName& profile,
                   std::chrono::milliseconds patience) {
    boost::asio::io_context io;
    Etcd etcd(settings, patience);
    return answer_of(io, etcd.erase(FleetKeys(settings.prefix).pin(profile.str())));
}

} // namespace gw::fleet
