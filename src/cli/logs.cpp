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

#include <fmt/format.h>

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

std::string to_text(const std::vector<inspect::LogLine>& lines, const Asked& asked) {
    std::string text;
    for (const auto& line : lines) {
        text += asked.targets.size() > 1 ? asked.targets[line.source].str() + ": " : "";
        text += line.text + "\n";
    }
    return text;
}

Result<std::vector<inspect::LogSource>> sources_of(const ServiceManager& manager,
                                                   const Asked& asked) {
    std::vector<inspect::LogSource> sources;
    for (const auto& profile : asked.targets) {
        auto directory = manager.log_directory(profile);
        if (!directory) {
            return std::unexpected(std::move(directory.error()));
        }
        sources.push_back({profile, std::move(*directory)});
    }
    return sources;
}

/// Lines of the loggers' own files, merged here.
int show_files(const store::Home& home, const ServiceManager& manager, const Asked& asked) {
    const auto sources = sources_of(manager, asked);
    if (!sources) {
        return report_error(sources.error());
    }
    inspect::LogWindow window{
        asked.request.since, {}, static_cast<std::size_t>(asked.request.lines)};
    if (asked.words.has("--previous")) {
        const auto life = inspect::previous_life(home, asked.targets.front());
        if (!life) {
            return report_error(life.error());
        }
        window.since = life->from;
        window.until = life->until;
    }
    if (!asked.request.follow) {
        return printed(print(to_text(inspect::read_logs(*sources, window), asked)));
    }
    inspect::LogFollower follower(*sources);
    bool complete = print(to_text(follower.read(window), asked));
    const auto show = [&](const std::vector<inspect::LogLine>& lines) {
        complete = lines.empty() || print(to_text(lines, asked));
        return complete;
    };
    if (complete) {
        follower.follow(show);
    }
    return printed(complete);
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
