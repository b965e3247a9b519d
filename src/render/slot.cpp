#include "render/slot.hpp"

#include "base/text.hpp"
#include "rules/host_service.hpp"
#include "rules/owner.hpp"
#include "rules/variables.hpp"
#include "s6_templates.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw {

namespace {

constexpr std::string_view home_line = "\n# home: ";
constexpr std::string_view origin_mark = "\n# made for: ";

/// The rest of the first line that begins with the mark.
std::optional<std::string> line_after(std::string_view mark, std::string_view text) {
    const auto found = text.find(mark);
    if (found == std::string_view::npos) {
        return std::nullopt;
    }
    const auto begin = found + mark.size();
    const auto end = text.find('\n', begin);
    return end == std::string_view::npos
               ? std::nullopt
               : std::optional(std::string(text.substr(begin, end - begin)));
}

std::string exports_of(const SlotSpec& spec) {
    std::string out;
    const auto add = [&out](std::string_view key, std::string_view value) {
        out += "export " + std::string(key) + "=" + shell_quote(value) + "\n";
    };
    add("HERMES_HOME", spec.home);
    add("HOME", spec.account.home);
    add("GATEWAYCTL_PROFILE", spec.profile.str());
    if (spec.port) {
        add("GATEWAYCTL_PORT", std::to_string(*spec.port));
    }
    if (!spec.fence.empty()) {
        add(name_of(Variable::fence), spec.fence);
    }
    if (spec.account.uid == 0) {
        add("GATEWAYCTL_USER", "root"); // root was asked for: `gatewayctl run` does not ask again
    }
    for (const auto& [key, value] : spec.environment) {
        add(key, value);
    }
    out.pop_back();
    return out;
}

std::string number_line(long long value) {
    return std::to_string(value) + "\n";
}

/// What gives a gateway its share in the volume, where it has no `gatewayctl run` before it and has
/// inherited none from the tree.
std::string joining(const SlotSpec& spec) {
    if (is_fronted_by_run(spec.command)) {
        return {};
    }
    return fmt::format("if [ ! \"/proc/$$/fd/${{{}:-none}}\" -ef {} ] && "
                       "command -v gatewayctl >/dev/null; then\n"
                       "  exec gatewayctl join -- {} 2>&1\nfi\n",
                       name_of(Variable::share), shell_quote(spec.home + "/" + owner_lock_name),
                       shell_join(spec.command));
}

/// The part of the scripts that only a tree whose s6-svscan may be root needs.
std::string unless_own(const SlotSpec& spec, std::string_view part,
                       std::span<const Replacement> values) {
    return spec.tree == TreeKind::own ? std::string() : fill_template(part, values);
}

std::vector<SlotFile> rendered_files(const SlotSpec& spec, std::span<const Replacement> values) {
    const auto kill_ms = milliseconds(kill_timeout(spec.drain_timeout)).count();
    std::vector<SlotFile> files = {
        {"run", 0755, fill_template(templates::run, values)},
        {"finish", 0755, fill_template(templates::finish, values)},
        {"type", 0644, "longrun\n"},
        {"timeout-kill", 0644, number_line(kill_ms)},
        {"timeout-finish", 0644, number_line(milliseconds(finish_limit).count())},
        {"max-death-tally", 0644, number_line(death_tally_size)},
        {"log/run", 0755, fill_template(templates::log_run, values)},
        {"log/type", 0644, "longrun\n"},
    };
    if (spec.notification_fd) {
        files.push_back({"notification-fd", 0644, number_line(*spec.notification_fd)});
    }
    if (!spec.starts) {
        files.push_back({"down", 0644, ""});
        files.push_back({"log/down", 0644, ""});
    }
    return files;
}

} // namespace

std::vector<SlotFile> render_slot(const SlotSpec& spec) {
    const std::string profile(spec.profile.str());
    const std::string home = shell_quote(spec.home);
    const std::string tally = std::to_string(death_tally_size);
    const std::string home_text = printable(spec.home);
    const std::string origin = to_text(spec.origin);
    const std::string exports = exports_of(spec);
    const std::string uid = std::to_string(spec.account.uid);
    const std::string gid = std::to_string(spec.account.gid);
    const std::string groups = shell_quote(group_list(spec.account));
    const std::string directory = shell_quote(spec.profile_dir);
    const std::string log_directory = shell_quote(spec.home + "/logs/gateways/" + profile);
    const std::string join = joining(spec);
    const std::string command = shell_join(spec.command);
    const Replacement of_root[] = {// NOLINT(modernize-avoid-c-arrays)
                                   {"PROFILE", profile},
                                   {"UID", uid},
                                   {"GID", gid},
                                   {"GROUPS", groups}};
    const std::string with_contenv = unless_own(spec, templates::with_contenv, of_root);
    const std::string leave_root = unless_own(spec, templates::leave_root, of_root);
    const Replacement values[] = {
        // NOLINT(modernize-avoid-c-arrays)
        {"PROFILE", profile},
        {"HOME", home},
        {"TALLY", tally},
        {"HOME_TEXT", home_text},
        {"ORIGIN", origin},
        {"EXPORTS", exports},
        {"WITH_CONTENV", with_contenv},
        {"LEAVE_ROOT", leave_root},
        {"PROFILE_DIR", directory},
        {"LOG_DIR", log_directory},
        {"JOIN", join},
        {"COMMAND", command},
    };
    return rendered_files(spec, values);
}

std::optional<std::string> home_of_run(std::string_view run) {
    return line_after(home_line, run);
}

std::optional<SlotOrigin> origin_of_run(std::string_view run) {
    const auto line = line_after(origin_mark, run);
    return line ? parse_slot_origin(*line) : std::nullopt;
}

} // namespace gw
