/// Everything that `doctor` looks at: the machine, the volume, each profile, the times. Nothing
/// here needs the rest to be well: what cannot be opened is a finding, and the others go on.
#pragma once

#include "base/finding.hpp"
#include "inspect/overview.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gw::inspect {

struct Section {
    std::string name;
    /// What was seen, whether anything is wrong with it or not: "file system", "ext4".
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<Finding> findings; ///< the worst first
};

/// Who is examined, as far as he could be opened.
struct Patient {
    Result<const Settings*> settings;
    Result<const store::Home*> home;
    Result<const supervise::ServiceManager*> manager;
};

/// machine, volume, profiles, times, in this order. `effects` is for trying out what the volume
/// refuses, which leaves nothing behind.
std::vector<Section> check_up(const Patient& patient, sys::Effects& effects);

/// What is worst in all of them; nullopt: nothing was found.
std::optional<Severity> worst_of(const std::vector<Section>& sections);

/// For check_up, each a section.
Section check_up_machine(const Patient& patient, const std::optional<Overview>& all);
Section check_up_volume(const Patient& patient, const std::optional<Overview>& all,
                        sys::Effects& effects);
Section check_up_profiles(const Patient& patient, const std::optional<Overview>& all);
Section check_up_times(const Patient& patient, const std::optional<Overview>& all);

} // namespace gw::inspect
