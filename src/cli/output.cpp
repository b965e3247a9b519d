#include "cli/output.hpp"

#include "base/text.hpp"
#include "sys/errno_error.hpp"
#include "sys/log.hpp"
#include "sys/self.hpp"

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

bool print_json(const Json& root) {
    constexpr int indent = 2;
    return print(escape_controls(root.dump(indent, ' ', false, Json::error_handler_t::replace)) +
                 "\n");
}

int printed(bool complete) {
    return complete ? exit_status::done : exit_status::some_failed;
}

int report_error(const Error& error) {
    sys::log_error(error);
    return exit_status_of(error.code);
}

bool wants_colour(ColourWhen when, int fd) {
    if (when != ColourWhen::automatic) {
        return when == ColourWhen::always;
    }
    return !sys::environment("NO_COLOR") && ::isatty(fd) == 1;
}

namespace {

/// Columns a cell takes on the terminal: UTF-8 continuation bytes and escape sequences take none.
std::size_t width_of(std::string_view cell) {
    std::size_t width = 0;
    bool in_escape = false;
    for (const char c : cell) {
        if (c == '\x1b') {
            in_escape = true;
        } else if (in_escape) {
            in_escape = c != 'm';
        } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) {
            ++width;
        }
    }
    return width;
}

} // namespace

void Table::add(std::vector<std::string> row) {
    rows_.push_back(std::move(row));
}

std::string Table::text() const {
    std::vector<std::size_t> widths;
    for (const auto& row : rows_) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size()) {
                line.append(widths[i] - width_of(row[i]) + 2, ' ');
            }
        }
        out += line + "\n";
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
