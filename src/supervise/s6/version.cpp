#include "supervise/s6/version.hpp"

#include "base/text.hpp"
#include "sys/command.hpp"
#include "sys/self.hpp"

#include <chrono>

namespace gw::supervise {

std::optional<std::string> s6_version_in(std::string_view path) {
    constexpr std::string_view package = "/s6-";
    for (auto at = path.find(package); at != std::string_view::npos;
         at = path.find(package, at + 1)) {
        const auto version = path.substr(at + package.size());
        const auto end = version.find_first_not_of("0123456789.");
        if (end != 0 && end != std::string_view::npos && version[end] == '/') {
            return std::string(version.substr(0, end));
        }
    }
    return std::nullopt;
}

std::string s6_version() {
    // It is a fact among many: who waits for it has other things to learn.
    constexpr std::chrono::seconds patience{2};
    const auto tool = sys::find_tool("s6-svscan");
    if (!tool) {
        return {};
    }
    if (auto version = s6_version_in(sys::real_path(*tool))) {
        return *version;
    }
    const auto package =
        sys::query({"dpkg-query", "--show", "--showformat=${Version}", "s6"}, patience);
    return package && package->exit_code == 0 ? std::string(trimmed(package->out)) : std::string();
}

} // namespace gw::supervise
