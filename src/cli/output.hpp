/// Data on stdout: tables for people, one JSON object for programs.
#pragma once

#include "base/json_object.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// Writes to stdout and flushes; false when stdout is full or closed, which a caller must not hide.
bool print(std::string_view text);

/// `--json`: one object, indented.
bool print_json(const Json& root);

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
