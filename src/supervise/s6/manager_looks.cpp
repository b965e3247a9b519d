#include "supervise/s6/manager.hpp"

#include "base/text.hpp"
#include "supervise/s6/drift.hpp"
#include "supervise/s6/noted_life.hpp"
#include "supervise/s6/status_file.hpp"
#include "supervise/s6/svstat.hpp"
#include "supervise/s6/tool_answer.hpp"
#include "sys/accounts.hpp"
#include "sys/processes.hpp"
#include "sys/side_by_side.hpp"
#include "sys/waiting.hpp"

#include <fmt/format.h>
#include <utility>

namespace gw::supervise {

namespace {

/// s6-svstat(1) answers so when nothing supervises the directory, and with system_call_failed when
/// it finds no status. A supervisor listens a moment before it has written its first.
constexpr int svstat_unsupervised = 1;
constexpr std::chrono::seconds birth_of_a_supervisor{5};

/// s6-svstat was quicker than the supervisor's first status, or slower than its last.
bool is_unborn(const sys::CommandOutput& svstat) {
    return svstat.exit_code == svstat_unsupervised ||
           (svstat.exit_code == system_call_failed &&
            svstat.err.find("No such file or directory") != std::string::npos);
}

/// Whether the service has ended at least once under this supervisor: s6-supervise tallies deaths
/// in a file (s6-svdt(1)), which is empty or missing before the first.
bool has_died(const Scandir& scandir, const ProfileName& profile) {
    constexpr std::size_t any = 1;
    const auto tally =
        sys::read_file(scandir.directory(), profile.slot() + "/supervise/death_tally", any);
    return tally.answer == sys::FileContent::Answer::too_large || !tally.bytes.empty();
}

/// Adds what the supervisor does not know.
Result<ObservedService> with_noted_life(const Scandir& scandir, const ProfileName& profile,
                                        Result<ObservedService> seen) {
    if (seen && seen->registered) {
        seen->left_alive = noted_life(scandir, profile, seen->process);
    }
    return seen;
}

} // namespace

Argv S6Manager::question_about(const ProfileName& profile) const {
    return {"s6-svstat", "-o", svstat_fields, path_of(profile)};
}

Result<std::optional<ObservedService>>
S6Manager::understand(const ProfileName& profile, const ObservedSlot& slot,
                      const Result<sys::CommandOutput>& answer) const {
    if (answer && is_unborn(*answer)) {
        return std::nullopt;
    }
    const auto output = checked(question_about(profile), answer);
    if (!output) {
        return std::unexpected(output.error());
    }
    auto seen = parse_svstat(output->out);
    if (!seen) {
        return std::unexpected(std::move(seen.error()));
    }
    const auto now = std::chrono::duration_cast<seconds>(sys::now().wall.time_since_epoch());
    seen->since = now.count() - seen->since.value_or(0);
    complete(profile, slot, *seen);
    return std::move(*seen);
}

void S6Manager::complete(const ProfileName& profile, const ObservedSlot& slot,
                         ObservedService& seen) const {
    if (seen.process) {
        // The pid may be gone by now: then there is no process.
        seen.process = sys::identity_of(seen.process->pid);
    }
    if (!seen.up && !has_died(scandir_, profile)) {
        seen.last_exit.reset(); // s6-svstat says "exit code 0" of a service that never ran
    }
    if (!slot.content.contains("notification-fd")) {
        seen.ready.reset();
    }
    seen.made_for = slot.made_for;
}

std::optional<ObservedService> S6Manager::read_status(const ProfileName& profile,
                                                      const ObservedSlot& slot) const {
    const auto file =
        sys::read_file(scandir_.directory(), profile.slot() + "/supervise/status", status_limit);
    auto seen = parse_status_file(file.bytes);
    if (seen) {
        complete(profile, slot, *seen);
    }
    return seen;
}

/// s6-svscan does not look at names that begin with a dot.
std::string S6Manager::room_command(const ProfileName& profile, const ObservedSlot& slot) const {
    return slot.kind == ObservedSlot::Kind::other_home
               ? "gatewayctl --home DIR unregister " + profile.str() + ", with the home it names"
               : fmt::format("mv {} {}/.{}.aside", shell_quote(path_of(profile)),
                             shell_quote(scandir_.path()), profile.slot());
}

/// Where the slot is this user's, only what root's s6-supervise has made in it is in the way.
std::string S6Manager::access_command(const ProfileName& profile) const {
    const auto self = sys::effective_uid();
    const auto slot = scandir_.directory().info(profile.slot());
    if (!slot || !*slot) {
        return "run it as the user of the gateways, or as root";
    }
    if ((*slot)->uid != self) {
        return fmt::format("run it as the user of the gateways (uid {}), or as root", (*slot)->uid);
    }
    const auto path = path_of(profile);
    return fmt::format("as root: chown -hR {0} {1}/supervise {1}/event {1}/log/supervise "
                       "{1}/log/event",
                       self, shell_quote(path));
}

Result<std::optional<ObservedSlot>> S6Manager::slot_of(const ProfileName& profile,
                                                       SlotLook look) const {
    auto slot = look == SlotLook::whole ? scandir_.read(profile, home_)
                                        : scandir_.recognize(profile, home_);
    switch (slot.kind) {
    case ObservedSlot::Kind::absent:
        return std::nullopt;
    case ObservedSlot::Kind::ours:
        return slot;
    case ObservedSlot::Kind::unreadable:
        return fail(slot.problem, path_of(profile) + ": " + slot.detail,
                    slot.problem == Errc::not_permitted
                        ? access_command(profile)
                        : "ls -l " + shell_quote(path_of(profile)) + ", and dmesg");
    default:
        return fail(Errc::conflict, path_of(profile) + " is not ours: " + slot.detail,
                    room_command(profile, slot));
    }
}

Result<bool> S6Manager::is_registered(const ProfileName& profile) const {
    const auto slot = slot_of(profile);
    return slot ? Result<bool>(slot->has_value()) : std::unexpected(slot.error());
}

Result<ObservedService> S6Manager::observe_process(const ProfileName& profile) const {
    std::optional<ObservedSlot> slot;
    return observe_slot(profile, SlotLook::whose, slot);
}

Result<ObservedService> S6Manager::observe_slot(const ProfileName& profile, SlotLook look,
                                                std::optional<ObservedSlot>& slot) const {
    Result<ObservedService> answer;
    (void)sys::poll_until(sys::Deadline(birth_of_a_supervisor), [&] {
        auto looked = slot_of(profile, look);
        if (!looked) {
            answer = std::unexpected(std::move(looked.error()));
            return true;
        }
        slot = std::move(*looked);
        ObservedService unsupervised;
        unsupervised.registered = slot.has_value();
        if (slot) {
            unsupervised.made_for = slot->made_for;
        }
        answer = std::move(unsupervised);
        if (!slot || !slot->supervised) {
            return true;
        }
        auto seen = read_status(profile, *slot);
        if (!seen) {
            auto told =
                understand(profile, *slot, sys::query(question_about(profile), tool_deadline));
            if (!told) {
                answer = std::unexpected(std::move(told.error()));
                return true;
            }
            seen = std::move(*told);
        }
        if (seen) {
            answer = std::move(*seen);
        }
        return seen.has_value(); // else its supervisor has not written a status yet
    });
    return with_noted_life(scandir_, profile, std::move(answer));
}

std::vector<Result<ObservedService>>
S6Manager::observe_processes(std::span<const ProfileName> profiles) const {
    std::vector<std::optional<ObservedService>> seen(profiles.size());
    std::vector<Argv> questions;
    std::vector<std::pair<std::size_t, ObservedSlot>> asked;
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        auto slot = slot_of(profiles[i]);
        if (!slot || !*slot || !(*slot)->supervised) {
            continue;
        }
        seen[i] = read_status(profiles[i], **slot);
        if (!seen[i]) {
            questions.push_back(question_about(profiles[i]));
            asked.emplace_back(i, std::move(**slot));
        }
    }
    const auto answers = sys::query_all(questions, tool_deadline);
    for (std::size_t j = 0; j < asked.size(); ++j) {
        const auto& [i, slot] = asked[j];
        seen[i] = understand(profiles[i], slot, answers[j]).value_or(std::nullopt);
    }
    std::vector<Result<ObservedService>> all;
    all.reserve(profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        all.push_back(seen[i] ? with_noted_life(scandir_, profiles[i], std::move(*seen[i]))
                              : observe_process(profiles[i]));
    }
    return all;
}

Result<ObservedService> S6Manager::observe(const ProfileName& profile) const {
    std::optional<ObservedSlot> slot;
    auto seen = observe_slot(profile, SlotLook::whole, slot);
    if (seen && slot) {
        seen->drift = drift_in(profile, *slot);
    }
    return seen;
}

std::string S6Manager::drift_in(const ProfileName& profile, const ObservedSlot& slot) const {
    return drift_of(due_update(home_, settings_, account(), profile, slot));
}

std::optional<ObservedService> S6Manager::read_service(const ProfileName& profile) const {
    auto slot = slot_of(profile, SlotLook::whole);
    auto seen = slot && *slot && (*slot)->supervised ? read_status(profile, **slot) : std::nullopt;
    if (seen) {
        seen->drift = drift_in(profile, **slot);
        seen->left_alive = noted_life(scandir_, profile, seen->process);
    }
    return seen;
}

std::vector<Result<ObservedService>>
S6Manager::observe_all(std::span<const ProfileName> profiles) const {
    (void)account(); // before there are two threads that would look it up
    std::vector<std::optional<ObservedService>> read(profiles.size());
    sys::for_each_side_by_side(profiles.size(),
                               [&](std::size_t i) { read[i] = read_service(profiles[i]); });
    std::vector<Result<ObservedService>> all;
    all.reserve(profiles.size());
    for (std::size_t i = 0; i < profiles.size(); ++i) {
        all.push_back(read[i] ? std::move(*read[i]) : observe(profiles[i]));
    }
    return all;
}

const Account& S6Manager::account() const {
    if (!account_) {
        account_ = store::account_of_home(home_);
    }
    return *account_;
}

std::vector<ForeignService> S6Manager::foreign(std::span<const ProfileName> known) const {
    std::vector<ForeignService> all;
    const auto listing = scandir_.list();
    for (const auto& profile : listing ? listing->slots : std::vector<ProfileName>{}) {
        if (std::ranges::binary_search(known, profile)) {
            continue;
        }
        const auto slot = scandir_.recognize(profile, home_);
        if (slot.kind == ObservedSlot::Kind::foreign ||
            slot.kind == ObservedSlot::Kind::other_home) {
            all.push_back({profile, slot.detail, room_command(profile, slot)});
        }
    }
    return all;
}

} // namespace gw::supervise
