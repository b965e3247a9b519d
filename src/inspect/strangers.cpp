#include "inspect/strangers.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::inspect {

namespace {

/// A name like it that a profile may have; nullopt where none comes to mind.
std::optional<ProfileName> valid_form_of(const std::string& name) {
    std::string form;
    for (const char c : name) {
        const auto lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        const bool fits = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ||
                          lower == '-' || lower == '_';
        form += fits ? lower : '-';
    }
    form.erase(0, form.find_first_not_of("-_"));
    form.resize(std::min(form.size(), ProfileName::max_length));
    auto valid = ProfileName::parse(form);
    return valid && !valid->is_root() ? std::optional(std::move(*valid)) : std::nullopt;
}

} // namespace

Finding invalid_finding(const store::Home& home, const InvalidProfile& invalid) {
    const auto path = home.path() + "/profiles/";
    auto found = finding(FindingCode::invalid_profile, invalid.name,
                         "'" + invalid.name + "' cannot be a profile", invalid.why);
    if (invalid.reason == refused_symlink) {
        found.cure = fmt::format("cp -a {0}/. {0}.new && rm {0} && mv {0}.new {0}",
                                 shell_quote(path + invalid.name));
        return found;
    }
    const auto form = valid_form_of(invalid.name);
    if (form && !home.directory().has("profiles/" + form->str())) {
        found.cure = fmt::format("mv {} {}", shell_quote(path + invalid.name),
                                 shell_quote(path + form->str()));
    }
    return found;
}

std::optional<Finding> stranger(const Viewpoint& from, const std::string& name) {
    const auto listing = from.home.profiles();
    const auto found = std::find_if(listing.invalid.begin(), listing.invalid.end(),
                                    [&](const auto& one) { return one.name == name; });
    return found == listing.invalid.end() ? std::nullopt
                                          : std::optional(invalid_finding(from.home, *found));
}

} // namespace gw::inspect
