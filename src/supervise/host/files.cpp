#include "supervise/host/files.hpp"

#include "base/text.hpp"
#include "rules/slot_spec.hpp"
#include "store/service_settings_file.hpp"
#include "supervise/host/programs.hpp"
#include "sys/accounts.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::supervise {

namespace {
/// A unit or plist has a few KiB; its environment may have more.
constexpr std::size_t size_limit = std::size_t{2} << 20U;
constexpr unsigned readable_by_all = 0644;

/// The names in a directory; none when it does not exist.
Result<std::vector<std::string>> names_in(const std::string& path) {
    std::vector<std::string> names;
    const auto directory = sys::Directory::open(path);
    if (!directory) {
        return directory.error().code == Errc::not_found ? Result<std::vector<std::string>>(names)
                                                         : std::unexpected(directory.error());
    }
    const auto entries = directory->list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    for (const auto& entry : *entries) {
        names.push_back(entry.name);
    }
    return names;
}

} // namespace

ServiceFile ServiceFiles::read_file(const std::string& file) const {
    const auto opened = sys::Directory::open(form_.directory);
    const auto content = opened ? sys::read_file(*opened, file, size_limit) : sys::FileContent{};
    switch (content.answer) {
    case sys::FileContent::Answer::absent:
        return {};
    case sys::FileContent::Answer::ok:
        break;
    default:
        return {ServiceFile::Kind::foreign, {}, "nobody knows whom: " + content.problem};
    }
    const auto owner = form_.home_of(content.bytes);
    if (!owner) {
        return {ServiceFile::Kind::foreign, {}, "somebody else: gatewayctl did not render it"};
    }
    const bool ours = *owner == printable(home_.path()) || is_same_home(*owner, home_.path());
    return {ours ? ServiceFile::Kind::ours : ServiceFile::Kind::other_home, content.bytes,
            "home " + printable(*owner)};
}

ServiceFile ServiceFiles::read(const ProfileName& profile) const {
    return read_file(file_of(profile));
}

Result<void> ServiceFiles::check_ours(const ProfileName& profile) const {
    return check_ours(profile, read(profile));
}

Result<void> ServiceFiles::check_ours(const ProfileName& profile, const ServiceFile& file) const {
    switch (file.kind) {
    case ServiceFile::Kind::ours:
        return {};
    case ServiceFile::Kind::absent:
        return fail(Errc::not_registered,
                    fmt::format("'{}' has no {} in {}", profile.str(), form_.word, form_.place),
                    "gatewayctl install " + profile.str());
    default:
        return fail(Errc::conflict,
                    fmt::format("{} belongs to {}, not to {}: it is left alone", path_of(profile),
                                file.owner, printable(home_.path())),
                    form_.show_command(file_of(profile)));
    }
}

Result<std::vector<ProfileName>> ServiceFiles::list() const {
    const auto names = names_in(form_.directory);
    if (!names) {
        return std::unexpected(names.error());
    }
    std::vector<ProfileName> profiles;
    for (const auto& name : *names) {
        const auto profile = form_.profile_of(name);
        if (profile && file_of(*profile) == name &&
            read_file(name).kind == ServiceFile::Kind::ours) {
            profiles.push_back(*profile);
        }
    }
    std::sort(profiles.begin(), profiles.end());
    return profiles;
}

Result<void> ServiceFiles::check_no_other(const ProfileName& profile) const {
    const auto names = names_in(form_.directory);
    for (const auto& name : names ? *names : std::vector<std::string>{}) {
        if (form_.profile_of(name) != profile) {
            continue;
        }
        return fail(Errc::conflict,
                    fmt::format("'{}' of {} has no {}; {} belongs to {} and is left alone",
                                profile.str(), printable(home_.path()), form_.word, name,
                                read_file(name).owner),
                    "gatewayctl --home DIR uninstall " + profile.str());
    }
    return {};
}

Result<ServiceSpec> ServiceFiles::spec_of(const ProfileName& profile) const {
    const auto directory = home_.require(profile);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    return slot_spec(home_.path(), settings_, profile,
                     store::read_service_settings(*directory).settings,
                     store::account_of_home(home_));
}

std::string ServiceFiles::drift_of(const ProfileName& profile, const ServiceFile& file) const {
    const auto directory = home_.require(profile);
    if (!directory) {
        return "the profile's directory is gone";
    }
    const auto kept = store::read_service_settings(*directory);
    if (settings_.unusable_config || !kept.problem.empty()) {
        return {}; // what it should be is not known
    }
    const auto rendered = form_.render(
        slot_spec(home_.path(), settings_, profile, kept.settings, store::account_of_home(home_)));
    return rendered ? form_.difference(rendered->text, file.text)
                    : "it cannot be rendered again: " + rendered.error().message;
}

Result<void> ServiceFiles::write(sys::Effects& effects, const ProfileName& profile,
                                 const std::string& text) const {
    if (text.size() > size_limit) {
        return fail(Errc::unsupported,
                    fmt::format("{} would have {} bytes, and at most {} are read back",
                                path_of(profile), text.size(), size_limit));
    }
    const sys::RootAgain units_of_the_system_are_roots;
    if (auto made = effects.make_path(form_.directory); !made) {
        return made;
    }
    const auto directory = sys::Directory::open(form_.directory);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    return effects.replace_file(*directory, file_of(profile), text, sys::Durability::durable,
                                {readable_by_all});
}

void ServiceFiles::flush(sys::Effects& effects, const std::string& below) const {
    for (const auto& path : {form_.directory + "/" + below, form_.directory}) {
        if (const auto directory = sys::Directory::open(path)) {
            effects.sync_directory(*directory);
        }
    }
}

Result<void> ServiceFiles::remove(sys::Effects& effects, const ProfileName& profile) const {
    const sys::RootAgain units_of_the_system_are_roots;
    const auto directory = sys::Directory::open(form_.directory);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    auto removed = effects.remove_file(*directory, file_of(profile));
    effects.sync_directory(*directory); // a plist that is back starts at the next login
    return removed;
}

} // namespace gw::supervise
