/// The run file of a slot in the scandir, which its user can change; and text that ends in one.
#include "base/text.hpp"
#include "fuzz.hpp"
#include "render/slot.hpp"

#include <algorithm>

using namespace gw;

namespace {

SlotSpec spec_with(const std::string& text) {
    SlotSpec spec;
    spec.home = "/" + text;
    spec.profile_dir = spec.home;
    spec.command = {"gateway", text};
    spec.environment = {{"KEY", text}};
    spec.account.home = text;
    return spec;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::as_text(data, size));
    (void)home_of_run(text);
    const auto spec = spec_with(text);
    const auto files = render_slot(spec);
    SlotContent disk;
    for (const auto& file : files) {
        disk[file.path] = file.content;
    }
    fuzz::require(home_of_run(disk["run"]) == printable(spec.home));
    fuzz::require(compare_slot(files, disk).empty());
    disk["run"] = text;
    fuzz::require(compare_slot(files, disk).changed.size() == 1);

    const std::string shown = printable(text);
    fuzz::require(std::none_of(shown.begin(), shown.end(),
                               [](unsigned char c) { return c < 0x20 || c == 0x7F; }));
    fuzz::require(log_value(text).find(' ') == std::string::npos);
    return 0;
}
