/// Data on stdout: tables for people, one JSON object for programs. Errors on the log.
#pragma once

#include "base/error.hpp"
#include "base/json_object.hpp"
#include "cli/context.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// Writes to stdout and flushes; false when stdout is full or closed, which a caller must not hide.
bool print(std::string_view text);

/// `--json`: one object, indented.
bool print_json(const Json& root);

/// What a verb that has printed all it had to say ends with.
int printed(bool complete);

/// Logs an error with its next command and answers with its exit status.
int report_error(const Error& error);

/// Whether stdout (1) or stderr (2) gets colour: --color, then NO_COLOR, then isatty(3).
bool wants_colour(ColourWhen when, int fd);

/// The value as JSON; null where there is none.
template <class T> Json or_null(const std::optional<T>& value) {
    return value ? Json(*value) : Json();
}

/// Columns as wide as their widest cell, two blanks apart; the first row is the heading.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) { add(std::move(heading)); }
    void add(std::vector<std::string> row);
    [[nodiscard]] std::string text() const;

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
