#include "cli/completion.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "store/home.hpp"

#include <fmt/format.h>

namespace gw::cli {

namespace {

/// What cannot be read offers nothing: a message in the middle of a line that is being typed helps
/// nobody.
std::vector<ProfileName> profiles_of(Context& context, const std::optional<std::string>& home) {
    if (home) {
        const auto opened = store::Home::open(*home);
        return opened ? opened->profiles().names : std::vector<ProfileName>{};
    }
    const auto opened = context.home();
    return opened ? (*opened)->profiles().names : std::vector<ProfileName>{};
}

} // namespace

int complete(Context& context, const Words& words) {
    const auto& typed = words.command();
    const auto completion = complete_line(typed);
    std::string lines;
    for (const auto& candidate : completion.candidates) {
        lines += candidate.word;
        lines += candidate.meaning.empty() ? "\n" : "\t" + candidate.meaning + "\n";
    }
    if (completion.wants_profiles) {
        for (const auto& profile : profiles_of(context, completion.home)) {
            if (profile.str().starts_with(typed.back())) {
                lines += profile.str() + "\n";
            }
        }
    }
    switch (completion.offer) {
    case ShellOffer::files:
        lines += ":files\n";
        break;
    case ShellOffer::directories:
        lines += ":directories\n";
        break;
    case ShellOffer::nothing:
        break;
    }
    return printed(print(lines));
}

int completion(Context& /*context*/, const Words& words) {
    return printed(print(completion_script(words.value("SHELL").value_or(""))));
}

} // namespace gw::cli
