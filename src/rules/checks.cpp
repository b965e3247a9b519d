#include "rules/checks.hpp"

#include "base/text.hpp"
#include "rules/findings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace gw {

namespace {

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

} // namespace

std::vector<Finding> check_machine(const MachineFacts& facts) {
    std::vector<Finding> found;
    if (facts.services && facts.services->used > facts.services->limit) {
        found.push_back(finding_with_cure(
            FindingCode::too_many_services, {},
            fmt::format("s6-svscan takes {} services, and there are {}", facts.services->limit,
                        facts.services->used),
            "what is beyond its limit is not supervised at all",
            fmt::format("start s6-svscan with -c {} (-C of later versions), or use an own tree: "
                        "gatewayctl tree",
                        facts.services->used * 2)));
    }
    const auto wanted = facts.profiles * processes_of_a_gateway;
    if (facts.processes && facts.processes->limit < wanted) {
        found.push_back(finding_with_cure(
            FindingCode::low_limit, {},
            fmt::format("{} processes are allowed here, and {} gateways need up to {}",
                        facts.processes->limit, facts.profiles, wanted),
            "beyond it nothing can be started, also no stop",
            fmt::format("docker update --pids-limit {} CONTAINER", wanted * 2)));
    }
    constexpr std::uint64_t tenths_that_are_near = 9;
    if (facts.memory && facts.memory->used / tenths_that_are_near > facts.memory->limit / 10) {
        found.push_back(finding_with_cure(FindingCode::low_limit, {},
                                          fmt::format("{} of {} MiB of memory are used",
                                                      facts.memory->used / mebibyte,
                                                      facts.memory->limit / mebibyte),
                                          "the kernel kills the largest process when it is full",
                                          fmt::format("docker update --memory {}m CONTAINER",
                                                      facts.memory->limit / mebibyte * 2)));
    }
    if (facts.oom_kills.value_or(0) > 0) {
        found.push_back(finding_with_cure(
            FindingCode::low_limit, {},
            fmt::format("the kernel has killed {} processes for want of memory", *facts.oom_kills),
            "a gateway that died of it died without a drain", "gatewayctl history"));
    }
    if (facts.descriptors && facts.descriptors->limit < least_descriptors) {
        found.push_back(
            finding_with_cure(FindingCode::low_limit, {},
                              fmt::format("{} may have {} descriptors open",
                                          facts.descriptors->whose, facts.descriptors->limit),
                              "a gateway with many connections needs more",
                              facts.upkeep == Upkeep::boot_pass
                                  ? "start the container with --ulimit nofile=65536 (ulimit -n "
                                    "65536 before s6-svscan)"
                                  : "give the unit LimitNOFILE=65536 (a plist NumberOfFiles)"));
    }
    return found;
}

namespace {

/// What can be deleted without loss of anything but old lines.
std::string room_command(const VolumeFacts& facts) {
    return fmt::format("find {} -name '@*' -delete", shell_quote(facts.home + "/logs/gateways"));
}

} // namespace

Finding volume_away(const std::string& home) {
    auto away = finding_with_cure(FindingCode::volume_away, {}, "there is no " + home + "/profiles",
                                  "either no profile was ever made, or the volume is not mounted",
                                  "mount the volume, then gatewayctl reconcile");
    away.severity = Severity::warning;
    return away;
}

std::vector<Finding> check_room(const VolumeFacts& facts) {
    std::vector<Finding> found;
    const auto& system = facts.system;
    constexpr std::string_view why =
        "no intent can be recorded then, so starts and stops are refused";
    if (system.bytes > 0 && system.bytes_free < std::min(least_bytes, system.bytes / 100)) {
        found.push_back(
            finding_with_cure(FindingCode::volume_full, {},
                              fmt::format("the volume is full: {} KiB of {} MiB are free",
                                          system.bytes_free / 1024, system.bytes / mebibyte),
                              std::string(why), room_command(facts)));
    }
    if (system.files > 0 && system.files_free < std::min(least_files, system.files / 100)) {
        found.push_back(
            finding_with_cure(FindingCode::volume_full, {},
                              fmt::format("the volume is out of inodes: {} of {} are free",
                                          system.files_free, system.files),
                              std::string(why), room_command(facts)));
    }
    return found;
}

std::vector<Finding> check_volume(const VolumeFacts& facts) {
    std::vector<Finding> found;
    const auto path = shell_quote(facts.home);
    if (facts.system.read_only) {
        found.push_back(finding_with_cure(
            FindingCode::volume_unwritable, {}, "the volume is mounted read-only",
            "nothing that is asked for can be recorded", "as root: mount -o remount,rw " + path));
    } else if (!facts.writable) {
        found.push_back(finding_with_cure(
            FindingCode::volume_unwritable, {}, "this user cannot write to the home",
            fmt::format("it belongs to uid {}, mode {:04o}, and this is uid {}", facts.owner,
                        facts.mode, facts.self),
            fmt::format("as root: chown {} {}", facts.self, path)));
    }
    constexpr unsigned by_everybody = 02;
    constexpr unsigned sticky = 01000;
    if ((facts.mode & by_everybody) != 0 && (facts.mode & sticky) == 0) {
        auto loose =
            finding_with_cure(FindingCode::wrong_owner, {}, "everybody may write to the home",
                              "whoever can write there says what runs", "chmod o-w " + path);
        loose.severity = Severity::warning;
        found.push_back(std::move(loose));
    }
    auto room = check_room(facts);
    std::move(room.begin(), room.end(), std::back_inserter(found));
    if (facts.system.network) {
        found.push_back(
            finding(FindingCode::volume_refuses, {},
                    "the volume is on a network file system (" + facts.system.type + ")",
                    "its locks may not reach other machines: let one container run "
                    "its gateways"));
    }
    for (const auto& refusal : facts.refusals) {
        found.push_back(finding(FindingCode::volume_refuses, {},
                                "the volume cannot " + refusal.what, refusal.cost));
    }
    return found;
}

std::vector<Finding> check_owner(const Standing& owner, Role role, Guard guard) {
    std::vector<Finding> found;
    if (role == Role::none) {
        found.push_back(finding_with_cure(
            FindingCode::runs_not_here, {}, "the role of this container is to run none",
            "GATEWAYCTL_ROLE says so, and the next boot starts nothing",
            "start the container without GATEWAYCTL_ROLE=none"));
    }
    if (owner.kind == Standing::Kind::elsewhere) {
        found.push_back(finding_with_cure(
            FindingCode::foreign_owner, {},
            "the gateways of this volume belong to " + to_text(owner.owner, guard),
            guard == Guard::fleet   ? "what is started or stopped here is asked of that member"
            : role == Role::standby ? "this container waits, and takes over when it ends"
                                    : "nothing can be started or stopped from here",
            std::string(foreign_owner_cure(guard))));
        if (role != Role::owner || guard == Guard::fleet) {
            found.back().severity = Severity::note;
        }
    }
    if (owner.kind == Standing::Kind::unknown) {
        found.push_back(
            finding_with_cure(FindingCode::volume_unguarded, {}, "the volume cannot be locked",
                              "two containers that have it would run every gateway twice",
                              "let only one container run gateways: GATEWAYCTL_ROLE=none in "
                              "every other"));
    }
    return found;
}

std::vector<Finding> check_times(const TimeFacts& facts) {
    std::vector<Finding> found;
    const auto wanted = stop_deadline(facts.drain);
    if (facts.finish_maxtime && facts.finish_maxtime->count() > 0 &&
        *facts.finish_maxtime < facts.drain) {
        found.push_back(finding_with_cure(
            FindingCode::container_grace, {},
            fmt::format("S6_KILL_FINISH_MAXTIME is {} ms, and a drain may take {} s",
                        facts.finish_maxtime->count(), facts.drain.count()),
            "the init ends the hook that waits for the drains, and kills what is left",
            fmt::format("ENV S6_KILL_FINISH_MAXTIME={}", milliseconds(wanted).count())));
    }
    if (facts.kill_grace && *facts.kill_grace > usual_kill_grace) {
        found.push_back(finding_with_cure(
            FindingCode::container_grace, {},
            fmt::format("S6_KILL_GRACETIME is {} ms: every stop of the container sleeps "
                        "so long at its end",
                        facts.kill_grace->count()),
            "the gateways have ended before it, and the engine's patience passes",
            fmt::format("ENV S6_KILL_GRACETIME={}", usual_kill_grace.count())));
    }
    constexpr seconds usual_engine_timeout{10};
    if (facts.container && facts.drain > usual_engine_timeout) {
        auto hint = finding_with_cure(
            FindingCode::container_grace, {},
            fmt::format("a drain may take {} s; how long the engine waits cannot be seen from here",
                        facts.drain.count()),
            fmt::format("without a word it kills after {} s", usual_engine_timeout.count()),
            fmt::format("docker stop -t {} CONTAINER (stop_grace_period in compose)",
                        wanted.count()));
        hint.severity = Severity::note;
        found.push_back(std::move(hint));
    }
    if (facts.newest_record && *facts.newest_record > facts.now + clock_tolerance) {
        found.push_back(finding_with_cure(
            FindingCode::clock_wrong, {},
            "the clock is behind what gateways have written: " + to_rfc3339(*facts.newest_record),
            "now is " + to_rfc3339(facts.now) + "; ages, and which file is newer, are judged by it",
            "as root: date --set, or start the machine's time service"));
    }
    return found;
}

} // namespace gw
