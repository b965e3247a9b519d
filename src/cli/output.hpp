/// Data on stdout: tables for people, one JSON object for programs. Errors on the log.
#pragma once

#include "base/error.hpp"
#include "base/finding.hpp"
#include "base/json_object.hpp"
#include "cli/context.hpp"
#include "sys/effects.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// Writes to stdout and flushes; false when stdout is full or closed, which a caller must not hide.
bool print(std::string_view text);

/// Writes a file that somebody named, whole or not at all: who reads it never sees half of it.
Result<void> write_whole(sys::Effects& effects, const std::string& file, std::string_view text);

/// `--json`: one object, indented.
bool print_json(const Json& root);

/// What a verb that has printed all it had to say ends with.
int printed(bool complete);

/// Logs an error with its next command and answers with its exit status. A usage error, which
/// comes before anything has been printed, is also an object on stdout where JSON was asked for.
int report_error(const Error& error);
/// Whether JSON was asked for, for `report_error`.
void answer_in_json(bool asked);

/// Whether stdout (1) or stderr (2) gets colour: --color, then NO_COLOR, then isatty(3).
bool wants_colour(ColourWhen when, int fd);

/// The value as JSON; null where there is none.
template <class T> Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

/// How many columns a line on stdout may have: those of the terminal, else of COLUMNS; nullopt:
/// whatever reads it takes lines of any length.
std::optional<std::size_t> columns_of_stdout();

/// The text in at most so many columns, with an ellipsis where it had more. For one line of
/// printable text, with colours or without.
std::string cut_to(std::string_view text, std::size_t columns);

/// What a person should know, as every verb's JSON has it: code, severity, subject, what, why,
/// cure.
Json finding_json(const Finding& finding);

/// Columns as wide as their widest cell, two blanks apart; the first row is the heading. A first
/// cell that is far wider than others' has a line for itself, so that one long name pushes nothing
/// out of sight.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) { add(std::move(heading)); }
    void add(std::vector<std::string> row);
    /// Lines are cut to so many columns; nullopt: they are whole.
    [[nodiscard]] std::string text(std::optional<std::size_t> columns = std::nullopt) const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// Colours by meaning, or nothing when colour is off.
class Palette {
  public:
    explicit Palette(bool on) : on_(on) {}
    [[nodiscard]] std::string good(std::string_view text) const { return paint("32", text); }
    [[nodiscard]] std::string bad(std::string_view text) const { return paint("31", text); }
    [[nodiscard]] std::string dim(std::string_view text) const { return paint("2", text); }

  private:
    [[nodiscard]] std::string paint(std::string_view code, std::string_view text) const;
    bool on_;
};

} // namespace gw::cli
