#include "cli/screen.hpp"

#include "base/text.hpp"
#include "cli/output.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <unistd.h>
#include <vector>

namespace gw::cli {

namespace {

constexpr std::string_view clear_all = "\x1b[2J";
constexpr std::string_view hide_cursor = "\x1b[?25l";
constexpr std::string_view show_cursor = "\x1b[?25h";
constexpr std::string_view to_the_top = "\x1b[H";
// Both come before what is written: behind a line that fills the terminal the cursor still stands
// on its last character, and would take that away.
constexpr std::string_view clear_line = "\x1b[K";
constexpr std::string_view clear_below = "\x1b[J";

} // namespace

std::string frame_of(std::string_view text, const sys::TerminalSize& size) {
    auto lines = lines_of(text);
    std::string left_out;
    constexpr std::size_t least_rows = 3; // something, the word about the rest, the last line
    if (lines.size() > size.rows && size.rows >= least_rows) {
        const auto kept = size.rows - 2;
        left_out = fmt::format("… {} more lines", lines.size() - 1 - kept);
        const auto last = lines.back();
        lines.resize(kept);
        lines.insert(lines.end(), {left_out, last});
    }
    lines.resize(std::min(lines.size(), size.rows));
    std::string frame(to_the_top);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        frame += i == 0 ? "" : "\r\n";
        frame += clear_line;
        frame += cut_to(lines[i], size.columns);
    }
    return lines.size() < size.rows ? frame + "\r\n" + std::string(clear_below) : frame;
}

Screen::Screen() : terminal_(sys::terminal_size(STDOUT_FILENO).has_value()) {
    if (terminal_) {
        (void)print(std::string(hide_cursor) + std::string(clear_all));
    }
}

Screen::~Screen() {
    if (terminal_) {
        (void)print(std::string(show_cursor) + "\n");
    }
}

bool Screen::show(std::string_view text) {
    const auto size = sys::terminal_size(STDOUT_FILENO);
    return print(size ? frame_of(text, *size) : std::string(text));
}

} // namespace gw::cli
