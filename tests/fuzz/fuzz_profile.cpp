/// All the small files of a profile at once: whatever they hold, an answer, and a decision.
/// A line `>N` begins file number N of the list below; what is before the first one is the state
/// file.
#include "base/numbers.hpp"
#include "fuzz.hpp"
#include "rules/decision.hpp"
#include "rules/gateway_state.hpp"
#include "rules/marker.hpp"
#include "store/intent_store.hpp"
#include "store/owner_file.hpp"
#include "store/profile_files.hpp"
#include "store/profile_snapshot.hpp"

#include <array>

using namespace gw;

namespace {

const std::array<std::string, 11>& names() {
    static const std::array<std::string, 11> all = {
        store::state_file_name,
        store::intent_file_name,
        store::service_settings_file_name,
        store::run_record_name,
        store::pid_file_name,
        store::clean_shutdown_file_name,
        std::string(file_name_of(MarkerKind::planned_stop)),
        std::string(file_name_of(MarkerKind::takeover)),
        store::lifecycle_file_name,
        store::parked_file_name,
        store::deaths_file_name};
    return all;
}

sys::FileContent content(std::string bytes) {
    sys::FileContent file;
    file.answer = sys::FileContent::Answer::ok;
    file.bytes = std::move(bytes);
    file.info.changed_ns = 1'790'000'000'000'000'000;
    file.info.arrived_ns = file.info.changed_ns;
    return file;
}

store::ProfileFiles files_in(std::string_view text) {
    store::ProfileFiles files;
    files.path = "/home/profiles/mail";
    files.place = {"mail", files.path, FileIdentity{1, 2}};
    std::string bytes;
    std::size_t number = 0;
    const auto done = [&] {
        if (!bytes.empty()) {
            files.contents[names().at(number)] = content(std::move(bytes));
        }
        bytes.clear();
    };
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        const auto line = text.substr(0, end);
        const auto next = line.front() == '>' && line.back() == '\n'
                              ? parse_number<std::size_t>(line.substr(1, line.size() - 2))
                              : std::nullopt;
        if (next && *next < names().size()) {
            done();
            number = *next;
        } else {
            bytes += line;
        }
        text.remove_prefix(end);
    }
    done();
    return files;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto files = files_in(fuzz::as_text(data, size));
    const auto snapshot = store::judge_files(files);
    fuzz::require(!snapshot.parked || !snapshot.parking_ended_by);
    fuzz::require(!snapshot.run_record || snapshot.run_record->process.pid.value > 0);
    fuzz::require(!snapshot.pid_file || snapshot.pid_file->process.pid.value > 0);
    for (const auto& [name, value] : snapshot.service.settings.environment) {
        fuzz::require(store::is_variable_name(name) && value.find('\0') == std::string::npos);
    }
    (void)store::unregistration_of(snapshot);
    const auto facts = store::facts_of(snapshot);
    fuzz::require(store::facts_of(store::judge_files(files)).intent.kind == facts.intent.kind);
    const auto state = files.contents.find(std::string_view(store::state_file_name));
    if (state != files.contents.end()) {
        (void)store::judge_owner(store::judge_json(state->second));
    }
    return 0;
}
