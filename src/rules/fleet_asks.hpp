/// What a member asks of the one that has a gateway: one verb of an operator's. Pure. It comes from
/// etcd, so that it is read word by word, and never handed on as a command.
#pragma once

#include "base/profile_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw {

struct FleetAsk {
    std::string verb; ///< start, stop or restart
    ProfileName profile = ProfileName::root();
    std::string timeout{}; ///< seconds, as typed; empty: the usual time
    bool force = false;
    bool waits = true;
    std::string reason{}; ///< of the operator's; may be empty
    std::string member{}; ///< where it was typed
    std::string author{}; ///< by whom
};

std::string to_value(const FleetAsk& ask);
/// nullopt for a value that asks for anything else.
std::optional<FleetAsk> parse_ask(std::string_view value);

/// The verb and its words, for the member that acts. Its reason says who has asked.
std::vector<std::string> words_of(const FleetAsk& ask);

/// What became of it.
struct FleetAnswer {
    std::string member; ///< that has acted
    int status = 0;     ///< what the verb has ended with
    std::string outcome{};
    std::string error{};
    std::string next{};
};
std::string to_value(const FleetAnswer& answer);
std::optional<FleetAnswer> parse_answer(std::string_view value);

} // namespace gw
