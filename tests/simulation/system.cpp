/// What the program asks of the rest of its system: clocks, accounts, environment, messages, /proc.
///
/// These definitions take the place of those in src/sys (the linker looks here first); what would
/// have to be played by the simulated kernel call by call is answered at once.
#include "calls.hpp"

#include "base/text.hpp"
#include "sys/accounts.hpp"
#include "sys/caller.hpp"
#include "sys/clock.hpp"
#include "sys/errno_error.hpp"
#include "sys/file_news.hpp"
#include "sys/log.hpp"
#include "sys/memory_events.hpp"
#include "sys/self.hpp"
#include "sys/volume_kind.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>

namespace gw::simulation {

namespace {

/// The process that a name below /proc speaks of.
ProcessPtr process_of(const Process& asking, std::string_view path) {
    constexpr std::string_view proc = "/proc/";
    path.remove_prefix(std::min(proc.size(), path.size()));
    const auto name = std::string(path.substr(0, path.find('/')));
    const int pid =
        name == "self" ? asking.pid : std::atoi(name.c_str()); // NOLINT(cert-err34-c): 0 is none
    return the_world()->find(asking.container, pid);
}

/// As proc(5) has it: the state is field 3, the parent 4, the start time 22.
std::string stat_of(const Process& process) {
    std::string text = fmt::format("{} ({}) {} {}", process.pid, process.argv.front(),
                                   process.alive ? 'S' : 'Z', process.parent);
    constexpr int fields_between = 17;
    for (int i = 0; i < fields_between; ++i) {
        text += " 0";
    }
    return text + fmt::format(" {}\n", process.start_ticks);
}

std::string text_in_proc(const Process& process, std::string_view file) {
    if (file == "stat") {
        return stat_of(process);
    }
    if (file == "comm") {
        return process.argv.front() + "\n";
    }
    std::string words;
    for (const auto& word : process.argv) {
        words += word + '\0';
    }
    return words;
}

} // namespace

int open_proc(Process& asking, const std::string& path, int flags) {
    constexpr std::size_t depth_of_process = 2;
    const auto depth = static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
    const bool is_directory = path == "/proc" || depth == depth_of_process;
    const auto process = path == "/proc" ? nullptr : process_of(asking, path);
    if (path != "/proc" && !process) {
        errno = ENOENT;
        return -1;
    }
    auto file = std::make_shared<OpenFile>(nullptr, is_directory ? flags | O_DIRECTORY
                                                                 : flags & ~O_DIRECTORY);
    file->type = FileType::proc;
    file->text = is_directory ? path : text_in_proc(*process, path.substr(path.rfind('/') + 1));
    return add_descriptor(asking, std::move(file), 3, true);
}

std::vector<std::string> names_in_proc(const Process& asking, const std::string& path) {
    std::vector<std::string> names;
    for (const auto& process : the_world()->processes()) {
        if (path == "/proc" && process->container == asking.container && !process->reaped) {
            names.push_back(std::to_string(process->pid));
        }
    }
    return names;
}

} // namespace gw::simulation

namespace gw::sys {

using simulation::Micros;
using simulation::the_world;

namespace {
simulation::Process& me() {
    return *simulation::caller();
}
} // namespace

// -- clocks

Moment now() {
    auto* world = the_world();
    return {WallTime(std::chrono::microseconds(world->wall())), BootClock(world->now() / 1000),
            world->boot_id()};
}

std::chrono::milliseconds Deadline::left() const {
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(
        end_ - std::chrono::steady_clock::now());
    return std::max(rest, std::chrono::milliseconds{0});
}

std::string local_timestamp(WallTime time) {
    return to_compact_utc(time);
}

// -- accounts: one user, and nobody is root

namespace {
Account the_account(const std::string& home) {
    return {simulation::user, simulation::user, {}, home};
}
} // namespace

Account account_of(std::uint32_t /*uid*/, std::uint32_t /*fallback_gid*/,
                   const std::string& fallback_home) {
    return the_account(fallback_home);
}
Result<Account> account_named(const std::string& /*name*/, const std::string& fallback_home) {
    return the_account(fallback_home);
}
std::string user_name_of(std::uint32_t /*uid*/) {
    return "gateway";
}
Account own_account(const std::string& fallback_home) {
    return the_account(fallback_home);
}
bool is_known_uid(std::uint32_t /*uid*/) {
    return true;
}
Result<void> become(const Account& /*account*/) {
    return {};
}
Result<void> give_up_capabilities(NewPrivileges /*new_privileges*/) {
    return {};
}
Result<void> act_as(const Account& /*account*/) {
    return {};
}
RootAgain::RootAgain() = default;
RootAgain::~RootAgain() = default;
std::uint32_t effective_uid() {
    return simulation::user;
}
std::uint32_t effective_gid() {
    return simulation::user;
}

const Caller& caller() {
    static const Caller who{simulation::user};
    return who;
}
const Author& author() {
    static const Author who{simulation::user, "gateway", std::nullopt, {}};
    return who;
}

// -- this process

std::optional<std::string> environment(const std::string& name) {
    const auto& all = me().environment;
    const auto found = all.find(name);
    return found == all.end() || trimmed(found->second).empty() ? std::nullopt
                                                                : std::optional(found->second);
}
std::vector<std::string> environment_names() {
    std::vector<std::string> names;
    for (const auto& [name, value] : me().environment) {
        names.push_back(name);
    }
    return names;
}
void say_in_environment(const std::string& name, const std::string& value) {
    me().environment[name] = value;
}
void complete_search_path() {}
Result<std::string> own_program() {
    return "/usr/bin/gatewayctl";
}
Result<std::string> absolute_path(const std::string& path) {
    return path;
}
std::string real_path(const std::string& path) {
    return path;
}
std::string host_name() {
    return fmt::format("container-{}", me().container);
}
std::string pid_namespace() {
    return fmt::format("pid:[{}-{}]", me().container, the_world()->boot_id());
}

// -- messages become part of the story

namespace {
void say(std::string_view message) {
    if (the_world()->keeps_story && me().alive) {
        the_world()->tell(fmt::format("  {}: {}", me().what, message));
    }
}
} // namespace

void start_log(Verbosity /*verbosity*/, bool /*colour*/) {}
void log_debug(std::string_view /*message*/) {}
void log_info(std::string_view message) {
    say(message);
}
void log_warning(std::string_view message) {
    say(message);
}
void log_error(std::string_view message) {
    say(message);
}
void log_error(const Error& error) {
    say(error.message);
}

// -- the rest

std::optional<std::uint64_t> oom_kills() {
    return std::nullopt;
}
std::optional<std::string_view> network_file_system(const Directory& /*directory*/) {
    return std::nullopt;
}

Result<FileNews> FileNews::open() {
    auto file = std::make_shared<simulation::OpenFile>(nullptr, 0);
    file->type = simulation::FileType::news;
    return FileNews(UniqueFd(simulation::add_descriptor(me(), std::move(file), 3, true)));
}

Result<void> FileNews::watch(const Directory& at, const std::string& relative, std::size_t key) {
    const auto file = simulation::open_file_of(me(), at.fd()); // none any more of whoever is dead
    const auto directory = file ? simulation::Files::find(file->node, relative) : nullptr;
    if (!directory) {
        return fail(Errc::not_found, at.path_of(relative) + " does not exist");
    }
    auto& watched = simulation::open_file_of(me(), fd_.get())->watched;
    keys_.emplace(static_cast<int>(watched.size()), key);
    watched.emplace_back(directory, directory->changed);
    return {};
}

std::vector<std::size_t> FileNews::wait(std::chrono::milliseconds limit) {
    auto* world = the_world();
    const auto file = simulation::open_file_of(me(), fd_.get());
    const auto any = [file] {
        return std::any_of(file->watched.begin(), file->watched.end(),
                           [](const auto& one) { return one.first->changed != one.second; });
    };
    (void)world->wait_for(any, world->now() + std::max<Micros>(limit.count(), 0) * 1000);
    std::vector<std::size_t> changed;
    for (std::size_t i = 0; i < file->watched.size(); ++i) {
        auto& [directory, seen] = file->watched[i];
        if (directory->changed != seen) {
            seen = directory->changed;
            changed.push_back(keys_.at(static_cast<int>(i)));
        }
    }
    std::sort(changed.begin(), changed.end());
    return changed;
}

} // namespace gw::sys
