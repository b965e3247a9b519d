#include "base/text.hpp"
#include "base/time_words.hpp"
#include "cli/output.hpp"
#include "cli/targets.hpp"
#include "cli/verbs.hpp"
#include "inspect/log_reader.hpp"
#include "inspect/previous_life.hpp"
#include "sys/accounts.hpp"
#include "sys/clock.hpp"
#include "sys/command.hpp"

#include <algorithm>

namespace gw::cli {

namespace {

using supervise::ServiceManager;

/// What was asked for.
struct Asked {
    const Words& words;
    std::vector<ProfileName> targets;
    ServiceManager::LogRequest request;

    /// More than showing the end of one log.
    [[nodiscard]] bool needs_reading() const {
        return targets.size() > 1 || request.since || words.has("--previous");
    }
};

Result<Asked> asked_of(const Context& context, const Words& words) {
    auto targets = named_targets(context, words.values("NAME"));
    if (!targets) {
        return std::unexpected(std::move(targets.error()));
    }
    Asked asked{words, std::move(*targets), {}};
    asked.request.follow = words.has("--follow");
    asked.request.lines = words.integer("--lines").value_or(asked.request.lines);
    if (const auto since = words.value("--since")) {
        asked.request.since = parse_past(*since, sys::now().wall);
        if (!asked.request.since) {
            return fail(Errc::usage, "'" + printable(*since) + "' is no time and no span of time",
                        "--since 10m, 2h, 3d, or 2026-11-20T12:00:00Z");
        }
    }
    return asked;
}

/// Those whose lines are shown, and how they are told apart.
struct Shown {
    std::vector<inspect::LogSource> sources;
    bool named = false; ///< each line says whose it is

    [[nodiscard]] std::string text(const std::vector<inspect::LogLine>& lines) const {
        std::string text;
        for (const auto& line : lines) {
            text += named ? sources[line.source].profile.str() + ": " : "";
            text += line.text + "\n";
        }
        return text;
    }
};

Result<inspect::LogSource> source_of(const store::Home& home, const ServiceManager& manager,
                                     const ProfileName& profile, bool previous) {
    auto directory = manager.log_directory(profile);
    if (!directory) {
        return std::unexpected(std::move(directory.error()));
    }
    inspect::LogSource source{profile, std::move(*directory)};
    if (previous) {
        const auto life = inspect::previous_life(home, profile);
        if (!life) {
            return std::unexpected(life.error());
        }
        source.life = *life;
    }
    return source;
}

int show(const Shown& shown, const ServiceManager::LogRequest& request) {
    const inspect::LogWindow window{request.since, static_cast<std::size_t>(request.lines)};
    if (!request.follow) {
        return printed(print(shown.text(inspect::read_logs(shown.sources, window))));
    }
    inspect::LogFollower follower(shown.sources);
    bool complete = print(shown.text(follower.read(window)));
    const auto show_more = [&](const std::vector<inspect::LogLine>& lines) {
        complete = lines.empty() || print(shown.text(lines));
        return complete;
    };
    if (complete) {
        follower.follow(show_more);
    }
    return printed(complete);
}

/// Lines of the loggers' own files, merged here. A gateway that has nothing to show keeps no other
/// from it.
int show_files(const store::Home& home, const ServiceManager& manager, const Asked& asked) {
    Shown shown;
    shown.named = asked.targets.size() > 1;
    int status = exit_status::done;
    for (const auto& profile : asked.targets) {
        auto source = source_of(home, manager, profile, asked.words.has("--previous"));
        if (source) {
            shown.sources.push_back(std::move(*source));
        } else {
            status = report_error(source.error());
        }
    }
    return shown.sources.empty() ? status : std::max(status, show(shown, asked.request));
}

/// The supervisor's own way to show them.
int show_by_command(const Result<Argv>& argv) {
    const sys::RootAgain journal_of_the_system_is_roots;
    return report_error(argv ? sys::replace_self(*argv) : argv.error());
}

} // namespace

int logs(Context& context, const Words& words) {
    const auto asked = asked_of(context, words);
    if (!asked) {
        return report_error(asked.error());
    }
    const auto manager = context.manager();
    const auto home = context.home();
    if (!manager || !home) {
        return report_error(manager ? home.error() : manager.error());
    }
    if (!asked->needs_reading()) {
        return show_by_command((*manager)->log_command(asked->targets.front(), asked->request));
    }
    const auto merged = (*manager)->merged_log_command(asked->targets, asked->request);
    if (merged && !words.has("--previous")) {
        return show_by_command(merged);
    }
    return show_files(**home, **manager, *asked);
}

} // namespace gw::cli
