#include "cli/owner_output.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

namespace gw::cli {

Json owner_json(const Standing& owner) {
    const bool is_owned =
        owner.kind == Standing::Kind::here || owner.kind == Standing::Kind::elsewhere;
    if (!is_owned) {
        return {};
    }
    const auto text = [&](const std::string Owner::* field) {
        return owner.owner ? Json(printable((*owner.owner).*field)) : Json();
    };
    return {{"member", text(&Owner::member)},
            {"host", text(&Owner::host)},
            {"since", text(&Owner::since)},
            {"here", owner.kind == Standing::Kind::here}};
}

std::string owner_line(const Standing& owner, Role role) {
    const bool is_plain = owner.kind != Standing::Kind::elsewhere && role == Role::owner;
    return is_plain ? std::string()
                    : fmt::format("Owner: {}; role here: {}\n", to_text(owner), to_string(role));
}

} // namespace gw::cli
