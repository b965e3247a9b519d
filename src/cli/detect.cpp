#include "supervise/detect.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int detect(Context& context, const Words& /*words*/) {
    const auto kind = supervise::manager_kind(context.surroundings());
    if (!kind) {
        return report_error(kind.error());
    }
    const std::string word(supervise::to_string(*kind));
    return printed(context.globals().json ? print_json({{"version", 1}, {"manager", word}})
                                          : print(word + "\n"));
}

} // namespace gw::cli
