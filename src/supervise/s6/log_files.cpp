#include "supervise/s6/log_files.hpp"

#include <algorithm>
#include <cstdint>
#include <tuple>

namespace gw::supervise {

namespace {

constexpr const char* current = "current";

bool is_finished(std::string_view name) {
    return name.starts_with('@') && (name.ends_with(".s") || name.ends_with(".u"));
}

/// Names of a kind that sorts later are newer.
int age_class(std::string_view name) {
    return name == current ? 2 : name == "previous" ? 1 : 0;
}

/// How many of the wanted lines `current` does not have. More than is ever asked for fits into what
/// s6-log lets it grow to.
std::int64_t missing_lines(const sys::Directory& logs, int wanted) {
    constexpr std::size_t larger_than_any = std::size_t{4} << 20U;
    const auto content = sys::read_file(logs, current, larger_than_any);
    const auto lines = std::count(content.bytes.begin(), content.bytes.end(), '\n');
    return content.answer == sys::FileContent::Answer::too_large
               ? 0
               : std::max<std::int64_t>(wanted - lines, 0);
}

} // namespace

std::vector<std::string> log_files(std::vector<std::string> names) {
    std::erase_if(
        names, [](const std::string& name) { return age_class(name) == 0 && !is_finished(name); });
    std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
        return std::tuple(age_class(a), a) < std::tuple(age_class(b), b);
    });
    return names;
}

std::optional<Argv> log_argv(const sys::Directory& logs,
                             const ServiceManager::LogRequest& request) {
    const auto entries = logs.list();
    std::vector<std::string> names;
    if (entries) {
        for (const auto& entry : *entries) {
            names.push_back(entry.name);
        }
    }
    auto files = log_files(std::move(names));
    if (files.empty()) {
        return std::nullopt;
    }
    if (files.back() == current) {
        files.pop_back();
    }
    // `current` itself by name, because s6-log rotates it.
    const std::string last = logs.path_of(current);
    Argv tail = {"tail", "-n", std::to_string(request.lines), request.follow ? "-F" : "-q", last};
    const auto missing = missing_lines(logs, request.lines);
    if (missing == 0 || files.empty()) {
        return tail;
    }
    constexpr const char* script = R"(current=$1 lines=$2 missing=$3 how=$4; shift 4
cat -- "$@" | tail -n "$missing"
[ "$how" != -F ] && [ ! -e "$current" ] || exec tail -n "$lines" "$how" "$current")";
    Argv both = {"sh", "-c", script, "sh", last, tail[2], std::to_string(missing), tail[3]};
    for (const auto& file : files) {
        both.push_back(logs.path_of(file));
    }
    return both;
}

} // namespace gw::supervise
