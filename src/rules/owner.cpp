#include "rules/owner.hpp"

#include "base/text.hpp"

namespace gw {

std::string to_text(const Owner& owner) {
    const std::string host =
        owner.host.empty() || owner.host == owner.member ? "" : " on " + printable(owner.host);
    const std::string since = owner.since.empty() ? "" : " since " + printable(owner.since);
    return printable(owner.member) + host + since;
}

std::string to_text(const std::optional<Owner>& owner) {
    return owner ? to_text(*owner) : "a member that has left no record of itself";
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
        return to_text(standing.owner) + " (this one)";
    case Standing::Kind::elsewhere:
        break;
    }
    return to_text(standing.owner);
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
