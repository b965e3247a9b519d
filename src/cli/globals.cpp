#include "cli/globals.hpp"

#include "base/text.hpp"
#include "reconcile/observe.hpp"
#include "store/config_file.hpp"
#include "sys/accounts.hpp"
#include "sys/self.hpp"

#include <boost/filesystem/operations.hpp>
#include <unistd.h>

namespace gw::cli {

std::optional<std::string> environment(const std::string& name) {
    return sys::environment(name);
}

Settings load_settings(const Globals& globals) {
    const std::string home = store::root_of(home_setting(globals.flags, environment));
    Settings settings = resolve_settings(
        globals.flags, environment, store::read_config(home, environment("GATEWAYCTL_CONFIG")));
    settings.home = home;
    settings.scandir = boost::filesystem::absolute(settings.scandir).lexically_normal().string();
    return settings;
}

Result<Workplace> open_workplace(const Globals& globals) {
    auto home = store::Home::open(home_setting(globals.flags, environment));
    if (!home) {
        return std::unexpected(std::move(home.error()));
    }
    return Workplace{load_settings(globals), std::move(*home)};
}

Result<void> become_home_owner(const store::Home& home) {
    if (sys::effective_uid() != 0) {
        return {};
    }
    const auto account = store::account_of_home(home);
    if (!account) {
        return std::unexpected(account.error());
    }
    if (account->uid == 0) {
        sys::log_debug("the home belongs to root: gateways run as root");
        return {};
    }
    return sys::become(*account);
}

int report_error(const Error& error) {
    sys::log_error(printable(error.message));
    if (!error.next.empty()) {
        sys::log_error("next: " + printable(error.next));
    }
    return exit_status_of(error.code);
}

bool wants_colour(ColourWhen when, int fd) {
    if (when != ColourWhen::automatic) {
        return when == ColourWhen::always;
    }
    return !environment("NO_COLOR") && ::isatty(fd) == 1;
}

} // namespace gw::cli
