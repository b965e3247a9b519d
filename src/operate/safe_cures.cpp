#include "operate/safe_cures.hpp"

#include "store/leftovers.hpp"
#include "store/marker_file.hpp"
#include "store/operation_lock.hpp"

#include <algorithm>
#include <array>

namespace gw::operate {

namespace {

using Cure = Result<void> (*)(const Operator&, const ProfileName&, const sys::Directory&);

Result<void> remove_litter(const Operator& by, const ProfileName& /*profile*/,
                           const sys::Directory& directory) {
    store::remove_leftovers(by.effects, directory);
    return {};
}

Result<void> remove_marker(const Operator& by, const ProfileName& /*profile*/,
                           const sys::Directory& directory) {
    return store::clear_marker(by.effects, directory, MarkerKind::planned_stop);
}

Result<void> renew_service(const Operator& by, const ProfileName& profile,
                           const sys::Directory& /*directory*/) {
    return by.manager.renew(by.effects, profile);
}

Result<void> repair_mirror(const Operator& by, const ProfileName& /*profile*/,
                           const sys::Directory& directory) {
    return store::repair_intent(by.effects, directory);
}

struct SafeCure {
    FindingCode code;
    Cure cure;
};
constexpr std::array cures = {
    SafeCure{FindingCode::litter, remove_litter},
    SafeCure{FindingCode::stale_marker, remove_marker},
    SafeCure{FindingCode::drift, renew_service},
    SafeCure{FindingCode::old_intent_written_back, repair_mirror},
};

const SafeCure* cure_of(const Finding& finding) {
    const auto* const found = std::find_if(cures.begin(), cures.end(), [&](const SafeCure& one) {
        return to_string(one.code) == finding.code;
    });
    return found == cures.end() ? nullptr : found;
}

} // namespace

bool has_safe_cure(const Finding& finding) {
    return cure_of(finding) != nullptr;
}

Result<void> cure_safely(const Operator& by, const Finding& finding) {
    const auto* const safe = cure_of(finding);
    const auto profile = ProfileName::parse(finding.subject);
    if (safe == nullptr || !profile) {
        return fail(Errc::unsupported, "there is no safe cure for: " + finding.what, finding.cure);
    }
    const auto directory = by.home.require(*profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    const auto lock = store::lock_operations(by.effects, *directory);
    return lock ? safe->cure(by, *profile, *directory) : std::unexpected(lock.error());
}

} // namespace gw::operate
