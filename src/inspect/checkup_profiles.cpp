#include "inspect/checkup.hpp"

#include "base/text.hpp"
#include "inspect/strangers.hpp"
#include "rules/findings.hpp"
#include "store/leftovers.hpp"
#include "store/service_settings_file.hpp"
#include "sys/accounts.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::inspect {

namespace {

/// A directory that was copied carries records along that speak of the one it was copied from.
void find_copy(const sys::Directory& directory, const ProfileName& profile,
               std::vector<Finding>& found) {
    const auto kept = store::read_json_file(directory, store::service_settings_file_name);
    if (kept.answer != FileAnswer::ok) {
        return;
    }
    const auto of = kept.object.find("profile");
    if (of == kept.object.end() || !of->is_string() || *of == profile.str()) {
        return;
    }
    const auto answer = store::read_service_settings(directory);
    if (answer.settings == ServiceSettings{}) {
        auto copy = finding(FindingCode::copied_profile, profile.str(),
                            "was copied from '" + of->get<std::string>() + "'",
                            "port and environment that were kept there do not count here");
        copy.cure = "gatewayctl register " + profile.str();
        found.push_back(std::move(copy));
    }
}

/// Files that the gateways' user cannot replace or read: its starts and stops fail on them.
void find_foreign_files(const sys::Directory& directory, const ProfileName& profile,
                        std::vector<Finding>& found) {
    const auto self = sys::effective_uid();
    const auto report = [&](const std::string& path, std::uint32_t owner) {
        auto foreign =
            finding(FindingCode::wrong_owner, profile.str(),
                    fmt::format("{} belongs to uid {} {}", path, owner, sys::user_name_of(owner)),
                    fmt::format("the gateways' user is uid {}", self));
        foreign.cure = fmt::format("as root: chown -hR {} {}", self, shell_quote(directory.path()));
        found.push_back(std::move(foreign));
    };
    const auto entries = directory.list();
    for (const auto& entry : entries ? *entries : std::vector<sys::DirectoryEntry>{}) {
        const bool of_a_gateway = entry.name.starts_with(".gateway-") ||
                                  entry.name.starts_with("gateway") || entry.name == "state" ||
                                  entry.name == ".clean_shutdown";
        const auto info =
            of_a_gateway ? directory.info(entry.name) : Result<std::optional<sys::FileInfo>>{};
        if (info && *info && (*info)->uid != self) {
            report(directory.path_of(entry.name), (*info)->uid);
            return;
        }
    }
}

void find_litter(const sys::Directory& directory, const GatewayStatus& status,
                 std::vector<Finding>& found) {
    const auto entries = directory.list();
    const auto litter =
        entries ? store::find_leftovers(directory, *entries) : std::vector<std::string>{};
    if (!litter.empty()) {
        auto left =
            finding(FindingCode::litter, status.profile.str(),
                    fmt::format("{} files are left of writes that were killed", litter.size()),
                    directory.path_of(litter.front()));
        left.cure = "gatewayctl doctor --fix";
        found.push_back(std::move(left));
    }
    if (status.stale_marker) {
        auto stale = finding(FindingCode::stale_marker, status.profile.str(),
                             "a marker lies there that can match nobody any more",
                             directory.path_of(file_name_of(MarkerKind::planned_stop)));
        stale.cure = "gatewayctl doctor --fix";
        found.push_back(std::move(stale));
    }
}

void find_of_profile(const store::Home& home, const GatewayStatus& status,
                     std::vector<Finding>& found) {
    found.insert(found.end(), status.findings.begin(), status.findings.end());
    const auto directory = home.find(status.profile);
    if (!directory || !*directory) {
        return;
    }
    // Where the directory itself is somebody else's, the cure of that gives back what is in it.
    const auto is_of_owner = [](const Finding& one) {
        return one.code == to_string(FindingCode::wrong_owner);
    };
    if (std::none_of(status.findings.begin(), status.findings.end(), is_of_owner)) {
        find_foreign_files(**directory, status.profile, found);
    }
    find_copy(**directory, status.profile, found);
    find_litter(**directory, status, found);
}

} // namespace

Section check_up_profiles(const Patient& patient, const std::optional<Overview>& all) {
    Section section{"profiles", {}, {}};
    if (patient.settings) {
        section.findings = (*patient.settings)->findings;
    }
    if (!all) {
        return section;
    }
    const auto& home = **patient.home;
    for (const auto& [word, count] : counts_of(*all)) {
        section.facts.emplace_back(word, std::to_string(count));
    }
    for (const auto& status : all->gateways) {
        find_of_profile(home, status, section.findings);
    }
    for (const auto& one : all->invalid) {
        section.findings.push_back(invalid_finding(home, one));
    }
    for (const auto& one : all->foreign) {
        auto foreign = finding(FindingCode::slot_not_ours, one.profile.str(),
                               "its name is taken by what is not ours", one.why);
        foreign.cure = one.cure;
        section.findings.push_back(std::move(foreign));
    }
    return section;
}

} // namespace gw::inspect
