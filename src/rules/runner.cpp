#include "rules/runner.hpp"

#include "base/account.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

namespace gw {

namespace {

std::string give_it_away(const std::string& home) {
    return "chown USER " + shell_quote(home) +
           ", or set GATEWAYCTL_USER to the account that runs the gateways";
}

} // namespace

Result<Runner> decide_runner(const HomeOwnership& home, const std::optional<std::string>& asked) {
    if (asked) {
        return RunAsNamed{*asked};
    }
    if (!home.uid_is_known) {
        return fail(Errc::bad_config,
                    "the home " + printable(home.path) +
                        " belongs to somebody whom this user namespace does not know",
                    give_it_away(home.path));
    }
    return RunAsOwner{home.uid};
}

Result<void> check_root_may_act(const HomeOwnership& home) {
    if (only_root_writes(home.uid, home.mode)) {
        return {};
    }
    return fail(Errc::bad_config,
                fmt::format("gateways of the home {} would run as root, and others than root can "
                            "write to it (owner {}, group {}, mode {:04o})",
                            printable(home.path), home.uid, home.gid, home.mode),
                give_it_away(home.path));
}

Result<void> check_root_was_asked(std::uint32_t uid, const std::string& home,
                                  const std::optional<std::string>& asked) {
    if (uid != 0 || asked) {
        return {};
    }
    return fail(Errc::bad_config,
                "the home " + printable(home) +
                    " belongs to root, and gateways run as root only when that is asked for",
                give_it_away(home) + "; GATEWAYCTL_USER=root asks for root");
}

} // namespace gw
