/// Command lines of other processes: words split at NUL, processes at double NUL.
#include "rules/container_command.hpp"
#include "fuzz.hpp"

using namespace gw;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<Argv> processes(1);
    std::string word;
    for (const char c : fuzz::as_text(data, size)) {
        if (c != '\0') {
            word += c;
        } else if (word.empty()) {
            processes.emplace_back();
        } else {
            processes.back().push_back(std::move(word));
            word.clear();
        }
    }
    const auto command = find_container_command(processes, "main-wrapper.sh");
    if (command) {
        (void)role_of(*command);
        (void)opts_out_of_supervision(*command);
    }
    for (const auto& argv : processes) {
        (void)role_of(argv);
    }
    return 0;
}
