#include "inspect/log_reader.hpp"

#include "base/text.hpp"
#include "rules/time_limits.hpp"
#include "supervise/s6/log_files.hpp"
#include "sys/command.hpp"
#include "sys/growing_file.hpp"
#include "sys/terminal.hpp"

#include <algorithm>
#include <fmt/chrono.h>
#include <fmt/format.h>

namespace gw::inspect {

namespace {

constexpr std::string_view form = "dddd-dd-dd dd:dd:dd.";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// More than s6-log lets a file grow to.
constexpr std::size_t largest_file = std::size_t{4} << 20U;

void add_lines(std::string_view bytes, std::size_t source, std::string& stamp,
               std::vector<LogLine>& lines) {
    for (const auto line : lines_of(bytes)) {
        if (const auto own = stamp_of(line); !own.empty()) {
            stamp = own;
        }
        lines.push_back({source, stamp, std::string(line)});
    }
}

/// The files of a logger, the oldest first.
std::vector<std::string> files_of(const sys::Directory& directory) {
    const auto entries = directory.list();
    std::vector<std::string> names;
    for (const auto& entry : entries ? *entries : std::vector<sys::DirectoryEntry>{}) {
        names.push_back(entry.name);
    }
    return supervise::log_files(std::move(names));
}

std::vector<std::string> last_of_files(const sys::Directory& directory, std::size_t most) {
    constexpr std::size_t enough = std::size_t{32} << 10U;
    std::vector<std::string> lines;
    const auto files = files_of(directory);
    for (auto file = files.rbegin(); file != files.rend() && lines.size() < most; ++file) {
        const auto bytes = sys::read_end(directory, *file, enough);
        const auto earlier = lines_of(bytes);
        lines.insert(lines.begin(), earlier.begin(), earlier.end());
    }
    lines.erase(lines.begin(),
                lines.end() - static_cast<std::ptrdiff_t>(std::min(lines.size(), most)));
    return lines;
}

/// With `end`, nothing that was written after it.
std::vector<LogLine> read_source(const LogSource& source, std::size_t index,
                                 const LogWindow& window,
                                 const std::optional<sys::GrowingFile::Begin>& end) {
    std::vector<LogLine> lines;
    std::string stamp;
    for (const auto& name : files_of(source.directory)) {
        const auto content = sys::read_file(source.directory, name, largest_file);
        const bool is_last = end && content.info.identity == end->file;
        const auto size = is_last ? end->size : content.bytes.size();
        add_lines(std::string_view(content.bytes).substr(0, size), index, stamp, lines);
        if (is_last) {
            break;
        }
    }
    const auto life = source.life.value_or(LifeWindow{{}, WallTime::max()});
    const auto since = to_stamp(std::max(window.since.value_or(WallTime{}), life.from));
    const auto until = source.life ? to_stamp(life.until) : std::string();
    std::erase_if(lines, [&](const LogLine& line) {
        return line.stamp < since || (!until.empty() && line.stamp >= until);
    });
    return lines;
}

} // namespace

std::vector<std::string> last_log_lines(const supervise::ServiceManager& manager,
                                        const ProfileName& profile, std::size_t most) {
    const auto directory = manager.log_directory(profile);
    if (directory || directory.error().code != Errc::unsupported) {
        return directory ? last_of_files(*directory, most) : std::vector<std::string>{};
    }
    const auto argv =
        manager.log_command(profile, {.follow = false, .lines = static_cast<int>(most)});
    const auto output = argv ? sys::query(*argv, tool_deadline)
                             : Result<sys::CommandOutput>(std::unexpected(argv.error()));
    const auto lines = output ? lines_of(output->out) : std::vector<std::string_view>{};
    return {lines.begin(), lines.end()};
}

std::string_view stamp_of(std::string_view line) {
    if (line.size() < form.size()) {
        return {};
    }
    for (std::size_t i = 0; i < form.size(); ++i) {
        if (form[i] == 'd' ? !is_digit(line[i]) : line[i] != form[i]) {
            return {};
        }
    }
    auto end = form.size();
    while (end < line.size() && is_digit(line[end])) {
        ++end;
    }
    return line.substr(0, end);
}

std::string to_stamp(WallTime time) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(time - whole);
    const auto seconds = std::chrono::system_clock::to_time_t(whole);
    std::tm local{};
    (void)::localtime_r(&seconds, &local);
    return fmt::format("{:%Y-%m-%d %H:%M:%S}.{:06}", local, rest.count());
}

std::vector<LogLine> merge(std::vector<std::vector<LogLine>> by_source) {
    std::vector<LogLine> all;
    for (auto& lines : by_source) {
        const auto middle = static_cast<std::ptrdiff_t>(all.size());
        std::move(lines.begin(), lines.end(), std::back_inserter(all));
        std::inplace_merge(all.begin(), all.begin() + middle, all.end(),
                           [](const auto& a, const auto& b) { return a.stamp < b.stamp; });
    }
    return all;
}

namespace {

std::vector<LogLine> last_of(std::vector<std::vector<LogLine>> by_source, std::size_t lines) {
    auto all = merge(std::move(by_source));
    if (all.size() > lines) {
        all.erase(all.begin(), all.end() - static_cast<std::ptrdiff_t>(lines));
    }
    return all;
}

} // namespace

std::vector<LogLine> read_logs(std::span<const LogSource> sources, const LogWindow& window) {
    std::vector<std::vector<LogLine>> by_source;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        by_source.push_back(read_source(sources[i], i, window, std::nullopt));
    }
    return last_of(std::move(by_source), window.lines);
}

/// One logger's `current`, line by line.
class LogFollower::Follower {
  public:
    Follower(const LogSource& source, std::size_t index)
        : file_(source.directory, "current"), index_(index) {}

    [[nodiscard]] const sys::GrowingFile::Begin& begin() const { return file_.begin(); }

    std::vector<LogLine> take() {
        pending_ += file_.take();
        std::vector<LogLine> lines;
        const auto end = pending_.rfind('\n');
        if (end != std::string::npos) {
            add_lines(std::string_view(pending_).substr(0, end + 1), index_, stamp_, lines);
            pending_.erase(0, end + 1);
        }
        return lines;
    }

  private:
    sys::GrowingFile file_;
    std::size_t index_;
    std::string pending_; ///< a line that has not ended yet
    std::string stamp_;
};

LogFollower::LogFollower(std::span<const LogSource> sources) : sources_(sources) {
    followers_.reserve(sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
        followers_.emplace_back(sources[i], i);
    }
}

LogFollower::~LogFollower() = default;

std::vector<LogLine> LogFollower::read(const LogWindow& window) const {
    std::vector<std::vector<LogLine>> by_source;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        by_source.push_back(read_source(sources_[i], i, window, followers_[i].begin()));
    }
    return last_of(std::move(by_source), window.lines);
}

void LogFollower::follow(const std::function<bool(const std::vector<LogLine>&)>& show) {
    // The kernel tells of writes to one file as often as there are; a logger may write thousands a
    // second, and nobody reads faster than this.
    constexpr std::chrono::milliseconds look_again{200};
    const sys::Interruptions interruptions;
    do {
        std::vector<std::vector<LogLine>> news;
        for (auto& follower : followers_) {
            news.push_back(follower.take());
        }
        if (!show(merge(std::move(news)))) {
            return;
        }
    } while (interruptions.wait(look_again) != sys::Interruptions::News::end);
}

} // namespace gw::inspect
