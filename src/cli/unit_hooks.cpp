#include "operate/unit_hooks.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "supervise/host/systemctl.hpp"

namespace gw::cli {

namespace {

/// ExecCondition: anything from 1 to 254 skips the start without a failure (systemd.service(5)).
constexpr int skip_start = 1;

bool was_commanded(Context& context, const Words& words) {
    const auto unit = words.value("--unit");
    const auto scope = supervise::scope_of(context.surroundings());
    if (!unit || !scope) {
        return false;
    }
    const auto commanded = supervise::was_commanded_down(*scope, *unit);
    if (!commanded) {
        context.warn_once("cannot ask systemd whether this end was asked for: " +
                          commanded.error().message);
    }
    return commanded.value_or(false);
}

} // namespace

int unit_start(Context& context, const Words& /*words*/) {
    const auto own = context.own_profile();
    if (!own) {
        return report_error(own.error());
    }
    if (operate::stays_parked(own->directory, own->name)) {
        return skip_start;
    }
    return exit_status::done;
}

int unit_exit(Context& context, const Words& words, sys::Effects& effects) {
    const auto& typed = words.values("words");
    auto end = typed.size() == 2 ? operate::parse_unit_end(typed[0], typed[1]) : std::nullopt;
    if (!end) {
        return exit_status::done;
    }
    end->commanded = was_commanded(context, words);
    const auto own = context.own_profile();
    const auto opened = own ? context.opened() : std::unexpected(own.error());
    if (!opened) {
        return report_error(opened.error());
    }
    const auto volume = own::ownership_of(opened->home, opened->settings, own->name);
    const auto next = operate::after_exit(
        effects, {own->directory, own->name, *volume, opened->settings.death_budget}, *end,
        operate::Pausing::by_supervisor);
    return next ? exit_status::done : report_error(next.error());
}

int unit_stop(Context& context, const Words& words, sys::Effects& effects) {
    const auto scope = supervise::scope_of(context.surroundings());
    if (!scope) {
        return report_error(scope.error());
    }
    const auto open_profile = [&context]() -> Result<sys::Directory> {
        auto own = context.own_profile();
        return own ? Result<sys::Directory>(std::move(own->directory))
                   : std::unexpected(own.error());
    };
    const auto done = operate::mark_unit_stop(effects, *scope, open_profile,
                                              Pid{words.integer("--pid").value_or(0)});
    return done ? exit_status::done
                : report_error(Error(done.error()).within("cannot mark the stop as planned"));
}

} // namespace gw::cli
