#include "inspect/checkup.hpp"

#include "base/numbers.hpp"
#include "own/ownership.hpp"
#include "rules/checks.hpp"
#include "rules/findings.hpp"
#include "rules/svscan_limit.hpp"
#include "supervise/s6/scandir.hpp"
#include "supervise/s6/version.hpp"
#include "sys/accounts.hpp"
#include "sys/clock.hpp"
#include "sys/command.hpp"
#include "sys/machine.hpp"
#include "sys/memory_events.hpp"
#include "sys/processes.hpp"
#include "sys/self.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace gw::inspect {

namespace {

Finding of_error(FindingCode code, const Error& error) {
    auto found = finding(code, {}, error.message);
    found.cure = error.next;
    found.severity = Severity::error;
    return found;
}

void add(std::vector<Finding>& to, std::vector<Finding> more) {
    std::move(more.begin(), more.end(), std::back_inserter(to));
}

bool is_s6(const Patient& patient) {
    return patient.manager && (*patient.manager)->traits().registers;
}

// -- the machine

void check_tools(Section& section) {
    const auto version = supervise::s6_version();
    section.facts.emplace_back("s6", version.empty() ? "a version that cannot be told" : version);
    for (const char* tool :
         {"s6-svscan", "s6-supervise", "s6-svc", "s6-svscanctl", "s6-svstat", "s6-log"}) {
        if (auto found = sys::find_tool(tool); !found) {
            auto missing = finding(FindingCode::missing_tool, {},
                                   fmt::format("{} is not in PATH", tool), found.error().message);
            missing.cure = "as root: apt-get install -y s6";
            section.findings.push_back(std::move(missing));
        }
    }
}

std::optional<Usage> services_of(const supervise::Scandir& scandir) {
    for (const auto& process : sys::all_command_lines()) {
        if (const auto limit = svscan_limit(process.argv, scandir.path())) {
            return Usage{scandir.services(), static_cast<std::uint64_t>(limit->services)};
        }
    }
    return std::nullopt;
}

/// The directory that s6-svscan watches.
std::optional<Usage> check_scandir(const Settings& settings, Section& section) {
    section.facts.emplace_back("tree", to_string(settings.tree_kind));
    section.facts.emplace_back("scandir", settings.scandir);
    const auto scandir = supervise::Scandir::open(settings.scandir);
    if (!scandir || !*scandir) {
        return std::nullopt; // the manager has said so
    }
    const bool live = (*scandir)->supervisor_live();
    section.facts.emplace_back("s6-svscan", live ? "live" : "not there");
    if (!live) {
        auto dead =
            finding(FindingCode::supervisor_not_live, {}, "nobody watches " + settings.scandir,
                    "no gateway can be started there");
        dead.cure = settings.tree_kind == TreeKind::own ? "gatewayctl tree"
                                                        : "s6-svscan " + settings.scandir;
        section.findings.push_back(std::move(dead));
    }
    if (auto runs = (*scandir)->check_can_run(); !runs) {
        section.findings.push_back(of_error(FindingCode::scandir_unusable, runs.error()));
    }
    if (!(*scandir)->directory().may_write(".")) {
        auto closed = finding(FindingCode::scandir_unusable, {},
                              "this user cannot write to " + settings.scandir,
                              fmt::format("this is uid {}", sys::effective_uid()));
        closed.cure = "as root: gatewayctl prepare";
        section.findings.push_back(std::move(closed));
    }
    return services_of(**scandir);
}

} // namespace

Section check_up_machine(const Patient& patient) {
    Section section{"machine", {}, {}};
    MachineFacts facts;
    section.facts.emplace_back("init", sys::comm_of(Pid{1}));
    if (patient.manager) {
        section.facts.emplace_back("supervisor", (*patient.manager)->traits().label);
    } else if (patient.home) {
        section.findings.push_back(of_error(FindingCode::no_supervisor, patient.manager.error()));
    }
    if (is_s6(patient)) {
        check_tools(section);
        facts.services = check_scandir(**patient.settings, section);
    }
    const auto limits = sys::limits();
    facts.profiles = patient.home ? (*patient.home)->profiles().names.size() : 0;
    facts.processes = limits.processes;
    facts.memory = limits.memory;
    facts.descriptors = limits.descriptors;
    facts.oom_kills = sys::oom_kills();
    const auto of = [](const std::optional<Usage>& usage) {
        return usage ? fmt::format("{} of {}", usage->used, usage->limit) : std::string("no limit");
    };
    section.facts.emplace_back("processes", of(limits.processes));
    section.facts.emplace_back("memory", of(limits.memory));
    section.facts.emplace_back("descriptors", std::to_string(limits.descriptors));
    if (facts.services) {
        section.facts.emplace_back("services", of(facts.services));
    }
    add(section.findings, check_machine(facts));
    return section;
}

// -- the volume

void check_mounted(const store::Home& home, Section& section) {
    if (!home.has_profiles()) {
        auto away =
            finding(FindingCode::volume_away, {}, "there is no " + home.path() + "/profiles",
                    "either no profile was ever made, or the volume is not mounted");
        away.cure = "mount the volume, then gatewayctl reconcile";
        away.severity = Severity::warning;
        section.findings.push_back(std::move(away));
    }
}

/// Who runs the gateways of the volume.
void check_ownership(const store::Home& home, const Settings& settings, Section& section) {
    const auto owner = own::ownership_of(home, settings)->look();
    section.facts.emplace_back("role", to_string(settings.role));
    section.facts.emplace_back("member", to_text(owner));
    add(section.findings, check_owner(owner, settings.role));
}

Section check_up_volume(const Patient& patient, sys::Effects& effects) {
    Section section{"volume", {}, {}};
    if (!patient.home) {
        section.findings.push_back(of_error(FindingCode::volume_away, patient.home.error()));
        return section;
    }
    const auto& home = **patient.home;
    const auto system = sys::file_system_of(home.directory());
    const auto info = home.directory().own_info();
    if (!system || !info) {
        section.findings.push_back(
            of_error(FindingCode::volume_away, system ? info.error() : system.error()));
        return section;
    }
    VolumeFacts facts;
    facts.home = home.path();
    facts.system = *system;
    facts.owner = info->uid;
    facts.mode = info->mode;
    facts.self = sys::effective_uid();
    facts.writable = home.directory().may_write(".");
    const auto refused = facts.writable && !system->read_only
                             ? effects.probe_volume(home.directory())
                             : Result<std::vector<sys::Incapacity>>{};
    if (refused) {
        for (const auto& one : *refused) {
            facts.refusals.push_back({one.problem, std::string(consequence_of(one.operation))});
        }
    }
    constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;
    section.facts.emplace_back("home", home.path());
    section.facts.emplace_back("file system", system->type);
    section.facts.emplace_back("free", fmt::format("{} of {} MiB", system->bytes_free / mebibyte,
                                                   system->bytes / mebibyte));
    section.facts.emplace_back("owner",
                               fmt::format("{} {}", info->uid, sys::user_name_of(info->uid)));
    check_mounted(home, section);
    if (patient.settings) {
        check_ownership(home, **patient.settings, section);
    }
    add(section.findings, home.profiles().findings);
    add(section.findings, check_volume(facts));
    return section;
}

// -- the times

Section check_up_times(const Patient& patient, const std::optional<Overview>& all) {
    Section section{"times", {}, {}};
    if (!patient.settings) {
        return section;
    }
    TimeFacts facts;
    facts.drain = (*patient.settings)->drain_timeout;
    facts.container = is_s6(patient);
    if (const auto text = sys::environment("S6_KILL_FINISH_MAXTIME")) {
        if (const auto limit = parse_number<std::int64_t>(*text)) {
            facts.finish_maxtime = milliseconds{*limit};
        }
    }
    facts.now = sys::now().wall;
    for (const auto& status : all ? all->gateways : std::vector<GatewayStatus>{}) {
        facts.newest_record = std::max(facts.newest_record, status.intent.gateway.updated_at);
    }
    section.facts.emplace_back("drain", fmt::format("{} s", facts.drain.count()));
    section.facts.emplace_back("killed after",
                               fmt::format("{} s", kill_timeout(facts.drain).count()));
    section.facts.emplace_back("stop waits",
                               fmt::format("{} s", stop_deadline(facts.drain).count()));
    add(section.findings, check_times(facts));
    return section;
}

// -- all of it

std::vector<Section> check_up(const Patient& patient, sys::Effects& effects) {
    std::optional<Overview> all;
    if (patient.settings && patient.home && patient.manager) {
        auto seen = overview(viewpoint(**patient.manager, **patient.home, **patient.settings));
        all = seen ? std::optional(std::move(*seen)) : std::nullopt;
    }
    std::vector<Section> sections = {check_up_machine(patient), check_up_volume(patient, effects),
                                     check_up_profiles(patient, all), check_up_times(patient, all)};
    for (auto& section : sections) {
        std::stable_sort(section.findings.begin(), section.findings.end(),
                         [](const auto& a, const auto& b) { return a.severity > b.severity; });
    }
    return sections;
}

std::optional<Severity> worst_of(const std::vector<Section>& sections) {
    std::optional<Severity> worst;
    for (const auto& section : sections) {
        for (const auto& one : section.findings) {
            worst = std::max(worst, std::optional(one.severity));
        }
    }
    return worst;
}

} // namespace gw::inspect
