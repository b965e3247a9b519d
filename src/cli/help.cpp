#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/parser.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int help(Context& /*context*/, const Words& words) {
    std::string verb;
    for (const auto& word : words.values("VERB")) {
        verb += (verb.empty() ? "" : " ") + word;
    }
    const auto text = help_text(verb);
    return text ? printed(print(*text))
                : report_error({Errc::usage, "there is no verb '" + printable(verb) + "'",
                                "gatewayctl --help"});
}

} // namespace gw::cli
