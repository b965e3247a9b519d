#include "cli/progress.hpp"

#include "cli/output.hpp"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace gw::cli {

namespace {

/// What is over sooner than that needs no picture.
constexpr seconds worth_a_picture{1};

constexpr std::string_view clear_below = "\x1b[J";

/// To the beginning of the first line of what was painted.
std::string to_the_first(std::size_t lines) {
    return lines == 0 ? "" : fmt::format("\x1b[{}A\r", lines);
}

void write(const std::string& text) {
    (void)std::fwrite(text.data(), 1, text.size(), stderr);
    (void)std::fflush(stderr);
}

} // namespace

std::vector<std::string> progress_lines(std::string_view verb,
                                        std::span<const operate::Progress> all,
                                        const sys::TerminalSize& size) {
    const auto ended = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const auto& one) { return one.ended; }));
    std::vector<std::string> lines = {fmt::format("{}: {} of {} done", verb, ended, all.size())};
    std::size_t widest = 0;
    for (const auto& one : all) {
        widest = std::max(widest, one.profile.str().size());
    }
    const auto add = [&](bool of_ended) {
        for (const auto& one : all) {
            if (one.ended == of_ended) {
                lines.push_back(fmt::format(
                    "  {:<{}}  {}", one.profile.str(), widest,
                    one.ended ? std::string("done")
                              : fmt::format("{} of {} s", one.elapsed.count(), one.limit.count())));
            }
        }
    };
    add(false);
    add(true);
    return fitted(std::move(lines), size);
}

std::vector<std::string> fitted(std::vector<std::string> lines, const sys::TerminalSize& size) {
    // One row is the cursor's.
    lines.resize(std::min(lines.size(), std::max<std::size_t>(size.rows, 2) - 1));
    for (auto& line : lines) {
        line = cut_to(line, size.columns);
    }
    return lines;
}

operate::OnProgress ProgressView::listener() {
    if (!sys::terminal_size(STDERR_FILENO)) {
        return {};
    }
    return [this](std::span<const operate::Progress> all) { paint(all); };
}

void ProgressView::paint(std::span<const operate::Progress> all) {
    const auto size = sys::terminal_size(STDERR_FILENO);
    const bool takes_long = std::any_of(all.begin(), all.end(), [](const auto& one) {
        return !one.ended && one.elapsed >= worth_a_picture;
    });
    if (size && (lines_.is_there() || takes_long)) {
        lines_.paint(progress_lines(verb_, all, *size));
    }
}

void PaintedLines::paint(const std::vector<std::string>& lines) {
    if (!sys::terminal_size(STDERR_FILENO)) {
        return;
    }
    // Painted over, not cleared first: what is empty for a moment flickers.
    auto picture = to_the_first(painted_);
    for (const auto& line : lines) {
        picture += "\x1b[K" + line + "\n";
    }
    painted_ = lines.size();
    write(picture + std::string(clear_below));
}

void PaintedLines::end() {
    if (painted_ > 0) {
        write(to_the_first(painted_) + std::string(clear_below));
    }
    painted_ = 0;
}

} // namespace gw::cli
