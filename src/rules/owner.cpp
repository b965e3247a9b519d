#include "rules/owner.hpp"

#include "base/text.hpp"

namespace gw {

std::string to_text(const Owner& owner) {
    const std::string host =
        owner.host.empty() || owner.host == owner.member ? "" : " on " + printable(owner.host);
    const std::string since = owner.since.empty() ? "" : " since " + printable(owner.since);
    return printable(owner.member) + host + since;
}

Guard guard_of(const Settings& settings) {
    return settings.fleet ? Guard::fleet : Guard::lock;
}

std::string to_text(const std::optional<Owner>& owner, Guard guard) {
    if (owner) {
        return to_text(*owner);
    }
    return guard == Guard::fleet ? "the fleet, which has not given them to this member"
                                 : "a member that has left no record of itself";
}

std::string_view foreign_owner_cure(Guard guard) {
    return guard == Guard::fleet ? "gatewayctl fleet status"
                                 : "gatewayctl status, in that one; to have them here: stop that "
                                   "one, then gatewayctl reconcile";
}

std::string name_of(const std::optional<Owner>& owner) {
    return owner ? printable(owner->member) : "that member";
}

std::string to_text(const Standing& standing) {
    switch (standing.kind) {
    case Standing::Kind::nobody:
        return "nobody";
    case Standing::Kind::unknown:
        return "not known";
    case Standing::Kind::here:
        return standing.owner ? to_text(*standing.owner) + " (this one)" : "this one";
    case Standing::Kind::elsewhere:
        break;
    }
    return standing.owner ? to_text(*standing.owner) : "another one, which has left no record";
}

bool needs_keeper(const KeepingFacts& facts) {
    if (facts.in_fleet) {
        return true;
    }
    switch (facts.found) {
    case Standing::Kind::unknown:
        return false;
    case Standing::Kind::elsewhere:
        return facts.role == Role::standby;
    case Standing::Kind::nobody:
        return !facts.becomes_tree && (facts.tree == TreeKind::shared || facts.supervisor_live);
    case Standing::Kind::here:
        break;
    }
    return !facts.becomes_tree && facts.tree == TreeKind::shared;
}

Standing judge_standing(std::optional<bool> is_held, std::optional<Owner> record,
                        const Place& here) {
    if (!is_held) {
        return {Standing::Kind::unknown};
    }
    if (!*is_held) {
        return {Standing::Kind::nobody};
    }
    const bool is_here = record && record->place == here;
    return {is_here ? Standing::Kind::here : Standing::Kind::elsewhere, std::move(record)};
}

} // namespace gw
