#include "rules/registration.hpp"

namespace gw {

bool still_counts(const Unregistration& record, const Intent& intent) {
    const bool is_later =
        intent.generation > record.generation || intent.repair == IntentRepair::intent_file_follows;
    return intent.kind != Intent::Kind::running || !is_later;
}

std::string to_text(const Unregistration& record) {
    return "by " + to_text(record.by) + " at " + record.at;
}

} // namespace gw
