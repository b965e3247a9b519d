#include "operate/drain.hpp"
#include "base/text.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "operate/drain_deadline.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

std::string_view word_of(operate::Drained::End end) {
    switch (end) {
    case operate::Drained::End::was_down:
        return "was-down";
    case operate::Drained::End::drained:
        return "drained";
    case operate::Drained::End::killed:
        return "killed";
    case operate::Drained::End::still_draining:
        return "still-draining";
    case operate::Drained::End::failed:
        break;
    }
    return "failed";
}

double seconds_of(const operate::Drained& one) {
    return std::chrono::duration<double>(one.took).count();
}

/// What was down already is counted in the end.
void print_line(const operate::Drained& one) {
    if (one.end == operate::Drained::End::was_down) {
        return;
    }
    std::string line =
        fmt::format("{}: {} after {:.1f} s", one.profile.str(), word_of(one.end), seconds_of(one));
    if (!one.detail.empty()) {
        line += fmt::format(" ({})", printable(one.detail));
    }
    (void)print(line + "\n");
}

Json to_json(const std::vector<operate::Drained>& all) {
    Json gateways = Json::array();
    for (const auto& one : all) {
        gateways.push_back({{"profile", one.profile.str()},
                            {"end", word_of(one.end)},
                            {"seconds", seconds_of(one)},
                            {"detail", words_or_null(one.detail)}});
    }
    return {{"version", 1}, {"gateways", std::move(gateways)}};
}

bool is_down(const operate::Drained& one) {
    return one.end == operate::Drained::End::drained || one.end == operate::Drained::End::was_down;
}

/// After a tree of its own has ended, as one service of the init, that is all of them.
void print_downs(const std::vector<operate::Drained>& all) {
    const auto downs =
        std::ranges::count(all, operate::Drained::End::was_down, &operate::Drained::end);
    if (downs != 0) {
        (void)print(fmt::format("{} of {} gateways were down already\n", downs, all.size()));
    }
}

} // namespace

int drain(Context& context, const Words& words, sys::Effects& effects) {
    const auto by = context.operator_with(effects);
    if (!by) {
        return report_error(by.error());
    }
    operate::DrainOptions options;
    options.deadline = timeout_of(words).value_or(operate::drain_deadline(
        sys::environment("S6_KILL_FINISH_MAXTIME"), by->settings.drain_timeout));
    options.span =
        words.has("--until-pass") ? supervise::DownFor::until_pass : supervise::DownFor::this_life;
    const bool as_json = context.globals().json;
    for (const auto& text : words.values("NAME")) {
        auto name = ProfileName::parse(text);
        if (!name) {
            return report_error(Error(name.error()).within("'" + printable(text) + "'"));
        }
        options.only.push_back(std::move(*name));
    }
    const auto all = operate::drain(*by, options, [&](const auto& one) {
        if (!as_json) {
            print_line(one);
        }
    });
    if (!all) {
        return report_error(Error(all.error()).within("cannot drain the gateways"));
    }
    if (!as_json) {
        print_downs(*all);
    }
    const bool complete = !as_json || print_json(to_json(*all));
    return printed(complete && std::all_of(all->begin(), all->end(), is_down));
}

} // namespace gw::cli
