#include "sys/self.hpp"

#include "base/text.hpp"
#include "sys/accounts.hpp"
#include "sys/command.hpp"
#include "sys/errno_error.hpp"
#include "sys/platform.hpp"

#include <algorithm>
#include <boost/filesystem/operations.hpp>
#include <cerrno>
#include <cstdlib>
#include <sys/utsname.h>
#include <unistd.h>

extern char** environ;

namespace gw::sys {

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str()); // NOLINT(concurrency-mt-unsafe)
    if (value == nullptr || trimmed(value).empty()) {
        return std::nullopt;
    }
    return value;
}

std::vector<std::string> environment_names() {
    std::vector<std::string> names;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        names.emplace_back(text.substr(0, text.find('=')));
    }
    return names;
}

void say_in_environment(const std::string& name, const std::string& value) {
    (void)::setenv(name.c_str(), value.c_str(), 1); // NOLINT(concurrency-mt-unsafe): one thread
}

void complete_search_path() {
    const std::string path = environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
    say_in_environment("PATH", path + ":/command:/usr/bin:/bin");
}

Result<std::string> own_program() {
    auto file = platform::program_file();
    if (!file) {
        return file;
    }
    const auto found = find_tool(boost::filesystem::path(*file).filename().string());
    boost::system::error_code ignored;
    if (found && boost::filesystem::equivalent(*found, *file, ignored)) {
        return found;
    }
    return file;
}

std::string program_beside(const std::string& name) {
    const auto own = own_program();
    const auto beside = own ? own->substr(0, own->rfind('/') + 1) + name : name;
    return ::access(beside.c_str(), X_OK) == 0 ? beside : name;
}

Result<std::string> absolute_path(const std::string& path) {
    boost::filesystem::path whole(path);
    if (whole.is_relative()) {
        boost::system::error_code error;
        const auto here = boost::filesystem::current_path(error);
        if (error) {
            return fail_errno(error.value(), "cannot find " + path + " from the working directory");
        }
        whole = here / whole;
    }
    // Behind a symlink, `..` is where the kernel says that it is. Not to root: who owns the symlink
    // could lead it anywhere.
    const bool goes_up = std::find(whole.begin(), whole.end(), "..") != whole.end();
    whole = goes_up && effective_uid() != 0 ? real_path(whole.string()) : whole;
    return whole.lexically_normal().remove_trailing_separator().string();
}

std::string real_path(const std::string& path) {
    boost::system::error_code error;
    const auto resolved = boost::filesystem::canonical(path, error);
    return error ? path : resolved.string();
}

std::string host_name() {
    utsname names{};
    return ::uname(&names) == 0 ? std::string(static_cast<const char*>(names.nodename))
                                : std::string();
}

} // namespace gw::sys
