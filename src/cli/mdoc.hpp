/// A manual page in mdoc(7), as text. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace gw::cli {

class Mdoc {
  public:
    /// `name` and `section` as in "stop(1)"; `date` as "November 26, 2026"; `summary` ends without
    /// a full stop.
    Mdoc(std::string_view name, int section, std::string_view date, std::string_view summary);

    void section(std::string_view title);
    void subsection(std::string_view title);
    /// Prose: what stands in backquotes is shown as typed. A new paragraph, unless it is the first
    /// of its section.
    void paragraph(std::string_view text);
    /// A line that is a macro, with the words after it as they are.
    void macro(std::string_view line);
    /// A macro's word that cannot be mistaken for a macro or a delimiter.
    static std::string word(std::string_view text);

    /// A list of what is named and what it means.
    void begin_list();
    /// `head` is made of macros.
    void item(std::string_view head, std::string_view text);
    void end_list();
    /// Lines as typed, indented.
    void literal(std::initializer_list<std::string_view> lines);
    void literal(const std::string& lines);

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    void prose(std::string_view text);

    std::string text_;
    bool fresh_ = true; ///< nothing stands in the section yet
};

} // namespace gw::cli
