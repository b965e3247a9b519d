#include "render/tree_stop.hpp"

#include "base/text.hpp"
#include "s6_templates.hpp"

namespace gw {

std::vector<SlotFile> render_tree_stop(const TreeStopSpec& spec) {
    const std::string program = shell_quote(spec.program);
    const std::string home = shell_quote(spec.home);
    const std::string scandir = shell_quote(spec.scandir);
    const Replacement values[] = {// NOLINT(modernize-avoid-c-arrays)
                                  {"PROGRAM", program},
                                  {"HOME", home},
                                  {"SCANDIR", scandir}};
    return {{"SIGTERM", 0755, fill_template(templates::svscan_sigterm, values)},
            {"finish", 0755, fill_template(templates::svscan_finish, values)}};
}

} // namespace gw
