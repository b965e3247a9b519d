#include "cli/targets.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::cli {

namespace {

bool means_all(const Words& words, const Batch& batch) {
    return batch.all && words.has("--all");
}

/// What runs under the name of a profile of this home and is not ours to command: whoever says
/// --all must hear that it goes on.
std::vector<supervise::ForeignService> not_acted_on(const operate::Operator& by, const Batch& batch,
                                                    const Words& words) {
    if (!means_all(words, batch)) {
        return {};
    }
    auto foreign = by.manager.foreign({});
    std::erase_if(foreign, [&](const auto& one) { return !by.home.require(one.profile); });
    return foreign;
}

std::string word_of(const Batch& batch, const Outcome& outcome) {
    return outcome.word.empty() ? std::string(batch.past) : outcome.word;
}

/// What became of each, and what was left out.
struct Report {
    std::span<const ProfileName> targets;
    std::vector<Result<Outcome>> results;
    std::vector<supervise::ForeignService> not_acted_on;
    std::size_t failed = 0;
};

Json results_json(const Batch& batch, const Report& report) {
    const auto& [targets, results, left_out, failed] = report;
    Json root = Json::object();
    root["version"] = 1;
    root["verb"] = batch.verb;
    root["dry_run"] = batch.is_dry_run;
    root["done"] = results.size() - failed;
    root["failed"] = failed;
    root["results"] = Json::array();
    for (std::size_t i = 0; i < results.size(); ++i) {
        const auto& result = results[i];
        const bool has_detail = result && !result->detail.empty();
        const bool has_next = !result && !result.error().next.empty();
        root["results"].push_back(
            {{"profile", targets[i].str()},
             {"ok", result.has_value()},
             {"outcome", result ? Json(word_of(batch, *result)) : Json()},
             {"detail", has_detail ? Json(printable(result->detail)) : Json()},
             {"error", result ? Json() : Json(printable(result.error().message))},
             {"next", has_next ? Json(printable(result.error().next)) : Json()}});
    }
    root["not_acted_on"] = Json::array();
    for (const auto& one : left_out) {
        root["not_acted_on"].push_back({{"profile", one.profile.str()},
                                        {"why", printable(one.why)},
                                        {"next", words_or_null(one.cure)}});
    }
    return root;
}

void report_left_out(const Batch& batch, std::span<const supervise::ForeignService> left_out) {
    for (const auto& one : left_out) {
        (void)report_error({Errc::conflict,
                            fmt::format("{} --all leaves '{}' as it is: {}", batch.verb,
                                        one.profile.str(), printable(one.why)),
                            one.cure});
    }
}

int report(const Globals& globals, const Batch& batch, Report report) {
    const auto& results = report.results;
    const bool several = results.size() > 1 || !report.not_acted_on.empty();
    int status = exit_status::done;
    std::string text;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (results[i]) {
            const auto& detail = results[i]->detail;
            text += fmt::format("{} {}{}\n", word_of(batch, *results[i]), report.targets[i].str(),
                                detail.empty() ? "" : ": " + printable(detail));
        } else {
            ++report.failed;
            status = report_error(results[i].error());
        }
    }
    report_left_out(batch, report.not_acted_on);
    if (several) {
        text += fmt::format("{} {}, {} failed", results.size() - report.failed, batch.past,
                            report.failed);
        text += report.not_acted_on.empty()
                    ? "\n"
                    : fmt::format(", {} not acted on\n", report.not_acted_on.size());
    }
    const bool complete = globals.json ? print_json(results_json(batch, report))
                          : globals.verbosity == sys::Verbosity::quiet ? true
                                                                       : print(text);
    if (!complete || !report.not_acted_on.empty() || (report.failed > 0 && several)) {
        return exit_status::some_failed;
    }
    return status;
}

} // namespace

Result<std::vector<ProfileName>> named_targets(const Context& context,
                                               const std::vector<std::string>& names) {
    std::vector<std::string> words = names;
    if (words.empty()) {
        words.push_back(context.globals().profile.value_or(std::string(ProfileName::root_text)));
    }
    std::vector<ProfileName> targets;
    for (const auto& word : words) {
        auto name = ProfileName::parse(word);
        if (!name) {
            return std::unexpected(std::move(name.error()));
        }
        if (std::find(targets.begin(), targets.end(), *name) == targets.end()) {
            targets.push_back(std::move(*name));
        }
    }
    return targets;
}

int run_batch(Context& context, const Words& words, sys::Effects& effects, const Batch& batch) {
    const auto by = context.operator_with(effects);
    if (!by) {
        return report_error(by.error());
    }
    const auto targets =
        means_all(words, batch) ? batch.all(*by) : named_targets(context, words.values("NAME"));
    if (!targets) {
        return report_error(targets.error());
    }
    auto left_out = not_acted_on(*by, batch, words);
    return report(context.globals(), batch,
                  {*targets, batch.act(*by, *targets), std::move(left_out)});
}

std::optional<milliseconds> timeout_of(const Words& words) {
    const auto asked = words.number("--timeout");
    return asked ? std::optional(std::chrono::duration_cast<milliseconds>(
                       std::chrono::duration<double>(*asked)))
                 : std::nullopt;
}

operate::OperationOptions operation_options(const Words& words) {
    operate::OperationOptions options;
    options.timeout = timeout_of(words);
    if (words.has("--force")) {
        options.escalation = Escalation::kill;
    }
    return options;
}

} // namespace gw::cli
