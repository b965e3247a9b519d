#include "render/keeper.hpp"

#include "base/text.hpp"
#include "rules/settings.hpp"
#include "s6_templates.hpp"

namespace gw {

std::vector<SlotFile> render_keeper(const KeeperSpec& spec) {
    const bool own = spec.tree == TreeKind::own;
    const std::string program = shell_quote(spec.program);
    const std::string home = shell_quote(spec.home);
    const std::string scandir = shell_quote(spec.scandir);
    const std::string home_text = printable(spec.home);
    const std::string uid = std::to_string(spec.account.uid);
    const std::string gid = std::to_string(spec.account.gid);
    const std::string groups = shell_quote(group_list(spec.account));
    const Replacement of_root[] = {// NOLINT(modernize-avoid-c-arrays)
                                   {"PROFILE", keeper_name},
                                   {"UID", uid},
                                   {"GID", gid},
                                   {"GROUPS", groups}};
    const auto unless_own = [&](std::string_view part) {
        return own ? std::string() : fill_template(part, of_root);
    };
    const std::string with_contenv = unless_own(templates::with_contenv);
    const std::string leave_root = unless_own(templates::leave_root);
    // Root was asked for: it is not asked again.
    const std::string exports =
        spec.account.uid == 0 ? "export GATEWAYCTL_USER=root" : "# As the gateways' user.";
    const Replacement values[] = {
        // NOLINT(modernize-avoid-c-arrays)
        {"PROGRAM", program},           {"HOME", home},
        {"SCANDIR", scandir},           {"HOME_TEXT", home_text},
        {"WITH_CONTENV", with_contenv}, {"EXPORTS", exports},
        {"LEAVE_ROOT", leave_root},
    };
    return {{"run", 0755, fill_template(templates::keeper_run, values)},
            {"finish", 0755, fill_template(templates::keeper_finish, values)},
            {"type", 0644, "longrun\n"},
            {"notification-fd", 0644, std::to_string(s6_customary_fd) + "\n"}};
}

} // namespace gw
