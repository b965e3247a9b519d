#include "cli/output.hpp"

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "sys/errno_error.hpp"
#include "sys/log.hpp"
#include "sys/self.hpp"
#include "sys/terminal.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <unistd.h>

namespace gw::cli {

bool print(std::string_view text) {
    errno = 0;
    if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
        std::fflush(stdout) == 0) {
        return true;
    }
    sys::log_error(sys::errno_error(errno, "cannot write to the standard output"));
    return false;
}

Result<void> write_whole(sys::Effects& effects, const std::string& file, std::string_view text) {
    const auto path = sys::absolute_path(file);
    if (!path) {
        return std::unexpected(path.error());
    }
    const std::string name(base_name(*path));
    const auto parent = path->substr(0, std::max<std::size_t>(path->size() - name.size(), 1));
    const auto directory = sys::Directory::open(parent);
    auto written = directory
                       ? effects.replace_file(*directory, name, text, sys::Durability::volatile_)
                       : std::unexpected(directory.error());
    if (written || !written.error().next.empty()) {
        return written;
    }
    return std::unexpected(
        std::move(written.error())
            .advise(directory || directory.error().code != Errc::not_found
                        ? "name a file in a directory that this user may write to"
                        : "mkdir -p " + shell_quote(parent)));
}

bool print_json(const Json& root) {
    constexpr int indent = 2;
    return print(escape_controls(root.dump(indent, ' ', false, Json::error_handler_t::replace)) +
                 "\n");
}

int printed(bool complete) {
    return complete ? exit_status::done : exit_status::some_failed;
}

namespace {
bool json_was_asked_for = false;
} // namespace

void answer_in_json(bool asked) {
    json_was_asked_for = asked;
}

int report_error(const Error& error) {
    sys::log_error(error);
    if (json_was_asked_for && error.code == Errc::usage) {
        (void)print_json({{"version", 1},
                          {"error", printable(error.message)},
                          {"next", words_or_null(error.next)},
                          {"exit_status", exit_status_of(error.code)}});
    }
    return exit_status_of(error.code);
}

bool wants_colour(ColourWhen when, int fd) {
    if (when != ColourWhen::automatic) {
        return when == ColourWhen::always;
    }
    return !sys::environment("NO_COLOR") && ::isatty(fd) == 1;
}

namespace {

/// Goes over the characters of a cell as a terminal shows them: UTF-8 continuation bytes and escape
/// sequences take no column.
class Columns {
  public:
    /// Whether this byte begins a character that takes one.
    bool take(char c) {
        if (c == '\x1b') {
            in_escape_ = true;
        } else if (in_escape_) {
            in_escape_ = c != 'm';
        } else {
            return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
        }
        return false;
    }

  private:
    bool in_escape_ = false;
};

std::size_t width_of(std::string_view cell) {
    Columns columns;
    return static_cast<std::size_t>(
        std::count_if(cell.begin(), cell.end(), [&](char c) { return columns.take(c); }));
}

/// Most names have less; one that has more does not widen its column.
constexpr std::size_t widest_first = 24;

} // namespace

Json finding_json(const Finding& finding) {
    return {{"code", finding.code},
            {"severity", to_string(finding.severity)},
            {"subject", words_or_null(finding.subject)},
            {"what", words_or_null(finding.what)},
            {"why", words_or_null(finding.why)},
            {"cure", words_or_null(finding.cure)}};
}

std::optional<std::size_t> columns_of_stdout() {
    if (const auto size = sys::terminal_size(STDOUT_FILENO)) {
        return size->columns;
    }
    const auto told = sys::environment("COLUMNS");
    const auto columns = told ? parse_number<std::size_t>(*told) : std::nullopt;
    return columns && *columns > 0 ? columns : std::nullopt;
}

std::string cut_to(std::string_view text, std::size_t columns) {
    if (width_of(text) <= columns) {
        return std::string(text);
    }
    constexpr std::string_view ellipsis = "…";
    constexpr std::string_view plain = "\x1b[0m";
    Columns seen;
    std::size_t width = 0;
    const auto* end = std::find_if(text.begin(), text.end(),
                                   [&](char c) { return seen.take(c) && ++width == columns; });
    const bool coloured = text.find('\x1b') != std::string_view::npos;
    return std::string(text.begin(), end) + std::string(ellipsis) +
           std::string(coloured ? plain : "");
}

void Table::add(std::vector<std::string> row) {
    rows_.push_back(std::move(row));
}

std::string Table::text(std::optional<std::size_t> columns) const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto width = width_of(row[i]);
            if (i > 0 || width <= widest_first) {
                widths[i] = std::max(widths[i], width);
            }
        }
    }
    std::string out;
    const auto put_line = [&](const std::string& line) {
        out += (columns ? cut_to(line, *columns) : line) + "\n";
    };
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i == 0 && width_of(line) > widths[0]) {
                put_line(line);
                line.clear();
            }
            if (i + 1 < row.size()) {
                const auto shown = line.empty() ? 0 : width_of(row[i]);
                line.append(widths[i] - shown + 2, ' ');
            }
        }
        put_line(line);
    }
    return out;
}

std::string Palette::paint(std::string_view code, std::string_view text) const {
    if (!on_) {
        return std::string(text);
    }
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

} // namespace gw::cli
