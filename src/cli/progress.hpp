/// Long work shows itself: what is waited for, on the terminal behind stderr.
#pragma once

#include "operate/operator.hpp"
#include "sys/terminal.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// A line that counts, and one for each that goes on or has ended, as many as fit. Pure.
std::vector<std::string> progress_lines(std::string_view verb,
                                        std::span<const operate::Progress> all,
                                        const sys::TerminalSize& size);

/// Lines on the terminal behind stderr, painted over those before them, and taken away at the end.
/// Nothing of it where stderr is no terminal.
class PaintedLines {
  public:
    PaintedLines() = default;
    ~PaintedLines() { end(); }
    PaintedLines(const PaintedLines&) = delete;
    PaintedLines& operator=(const PaintedLines&) = delete;

    void paint(const std::vector<std::string>& lines);
    void end();
    [[nodiscard]] bool is_there() const { return painted_ > 0; }

  private:
    std::size_t painted_ = 0; ///< lines that are on the terminal
};

/// As many of the lines as fit, cut to the terminal's width.
std::vector<std::string> fitted(std::vector<std::string> lines, const sys::TerminalSize& size);

/// Repaints them in place, and takes them away at the end, when what became of each is printed.
/// Nothing of it where stderr is no terminal.
class ProgressView {
  public:
    explicit ProgressView(std::string_view verb) : verb_(verb) {}

    /// Empty where nothing is to be shown.
    operate::OnProgress listener();
    void end() { lines_.end(); }

  private:
    void paint(std::span<const operate::Progress> all);
    std::string_view verb_;
    PaintedLines lines_;
};

} // namespace gw::cli
