/// Command lines of other processes: words split at NUL, processes at double NUL.
#include "fuzz.hpp"
#include "rules/container_command.hpp"

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // The first process, and children of it: the init's own words count there.
    std::vector<ProcessCommand> processes = {{Pid{1}, Pid{0}, {}}};
    std::string word;
    for (const char c : fuzz::as_text(data, size)) {
        if (c != '\0') {
            word += c;
        } else if (word.empty()) {
            processes.push_back({Pid{2}, Pid{1}, {}});
        } else {
            processes.back().argv.push_back(std::move(word));
            word.clear();
        }
    }
    const auto command = find_container_command(processes, "main-wrapper.sh");
    if (command) {
        (void)role_of(*command);
        (void)opts_out_of_supervision(*command);
    }
    for (const auto& process : processes) {
        (void)role_of(process.argv);
    }
    return 0;
}
