#include "supervise/host/programs.hpp"

#include "base/text.hpp"
#include "sys/command.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::supervise {

namespace {

Result<std::string> program_of(const std::string& word) {
    if (word.starts_with('/')) {
        return word;
    }
    auto found = word.find('/') == std::string::npos
                     ? sys::find_tool(word)
                     : Result<std::string>(fail(Errc::bad_config, "not an absolute path"));
    if (!found) {
        return fail(Errc::bad_config,
                    fmt::format("the gateway's program '{}' is not in PATH", printable(word)),
                    "set 'command' in gatewayctl.yaml to an absolute path");
    }
    return found;
}

} // namespace

Result<HostService> make_host_service(SlotSpec spec, std::string name) {
    auto tool = sys::own_program();
    if (!tool) {
        return std::unexpected(std::move(tool.error()));
    }
    if (spec.command.empty()) {
        return fail(Errc::bad_config, "the gateway's command is empty",
                    "set 'command' in gatewayctl.yaml");
    }
    std::vector<std::string> programs = {*tool};
    const auto dashes = std::find(spec.command.begin(), spec.command.end(), "--");
    const bool fronted = is_fronted_by_run(spec.command);
    if (fronted) {
        spec.command[0] = *tool;
    }
    if (fronted && dashes != spec.command.end() && dashes + 1 != spec.command.end()) {
        // `run` searches it in PATH itself; here it only has to be there.
        auto program = program_of(*(dashes + 1));
        if (!program) {
            return std::unexpected(std::move(program.error()));
        }
        programs.push_back(std::move(*program));
    }
    auto program = program_of(spec.command[0]);
    if (!program) {
        return std::unexpected(std::move(program.error()));
    }
    spec.command[0] = *program;
    programs.push_back(std::move(*program));
    std::string path = host_path(programs);
    return HostService{std::move(spec), std::move(name), std::move(*tool), std::move(path)};
}

bool is_same_home(const std::string& one, const std::string& other) {
    return one == other || sys::real_path(one) == sys::real_path(other);
}

} // namespace gw::supervise
