#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/parser.hpp"
#include "cli/usage_words.hpp"
#include "cli/verbs.hpp"

namespace gw::cli {

int help(Context& /*context*/, const Words& words) {
    std::string verb;
    const auto& typed = words.values("VERB");
    for (const auto& word : typed) {
        verb += (verb.empty() ? "" : " ") + word;
    }
    const auto text = help_text(verb);
    return text ? printed(print(*text))
                : report_error({Errc::usage,
                                typed.size() == 1 ? unknown_verb(verb, "")
                                                  : "there is no verb '" + printable(verb) + "'",
                                "gatewayctl --help"});
}

} // namespace gw::cli
