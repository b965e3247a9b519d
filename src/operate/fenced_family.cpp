#include "operate/fenced_family.hpp"

#include "rules/variables.hpp"
#include "sys/child.hpp"
#include "sys/directory.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <fmt/format.h>

namespace gw::operate {

namespace {

/// What execve(2) accepts for arguments and environment together.
constexpr std::size_t longest_environment = std::size_t{1} << 21U;

/// The variables of a process as the kernel keeps them, each with a NUL before and after it; empty
/// for one of another user.
std::string variables_of(Pid pid) {
    const auto directory = sys::Directory::open(fmt::format("/proc/{}", pid.value));
    return std::string(1, '\0') +
           (directory ? sys::read_file(*directory, "environ", longest_environment).bytes : "");
}

std::vector<ProcessIdentity> family(const std::string& fence, const ProfileName& profile) {
    const std::string nul(1, '\0');
    const auto variable = [&](Variable name, const std::string& value) {
        return nul + std::string(name_of(name)) + "=" + value;
    };
    const std::array marks = {variable(Variable::fence, fence + nul),
                              variable(Variable::profile, profile.str() + nul),
                              variable(Variable::fencing_token, "")};
    std::vector<ProcessIdentity> found;
    for (const auto pid : sys::all_pids()) {
        const auto process = sys::identity_of(pid);
        const auto variables = process ? variables_of(pid) : std::string();
        const bool is_one = std::all_of(marks.begin(), marks.end(), [&](const auto& mark) {
            return variables.find(mark) != std::string::npos;
        });
        if (is_one) {
            found.push_back(*process);
        }
    }
    return found;
}

} // namespace

bool end_fenced_family(const std::string& fence, const ProfileName& profile) {
    constexpr std::chrono::milliseconds patience{5000};
    return sys::poll_until(sys::Deadline(patience), [&] {
        const auto left = family(fence, profile);
        for (const auto& process : left) {
            sys::send_signal(process, SIGKILL);
        }
        return left.empty();
    });
}

} // namespace gw::operate
