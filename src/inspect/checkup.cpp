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

/// The s6-svscan in charge.
struct Svscan {
    Pid pid;
    Usage services;
};

std::optional<Svscan> svscan_of(const supervise::Scandir& scandir) {
    for (const auto& process : sys::all_command_lines()) {
        if (const auto limit = svscan_limit(process.argv, scandir.path())) {
            return Svscan{process.pid,
                          {scandir.services(), static_cast<std::uint64_t>(limit->services)}};
        }
    }
    return std::nullopt;
}

/// Who may have the fewest: limits are inherited, but whoever starts a process may set others.
std::optional<DescriptorLimit> fewest_descriptors(const std::optional<Svscan>& svscan,
                                                  const std::optional<Overview>& all) {
    std::optional<DescriptorLimit> fewest;
    const auto look = [&fewest](Pid pid, std::string whose) {
        const auto limit = sys::descriptor_limit(pid);
        if (limit && (!fewest || *limit < fewest->limit)) {
            fewest = DescriptorLimit{std::move(whose), *limit};
        }
    };
    if (svscan) {
        look(svscan->pid, "s6-svscan");
    }
    for (const auto& status : all ? all->gateways : std::vector<GatewayStatus>{}) {
        if (const auto& process = status.service.process) {
            look(process->pid, fmt::format("the gateway '{}'", status.profile.str()));
        }
    }
    return fewest;
}

/// The directory that s6-svscan watches.
std::optional<Svscan> check_scandir(const Settings& settings, Section& section) {
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
    return svscan_of(**scandir);
}

std::string to_text(const std::optional<Usage>& usage) {
    return usage ? fmt::format("{} of {}", usage->used, usage->limit) : std::string("no limit");
}

} // namespace

Section check_up_machine(const Patient& patient, const std::optional<Overview>& all) {
    Section section{"machine", {}, {}};
    MachineFacts facts;
    section.facts.emplace_back("init", sys::comm_of(Pid{1}));
    if (patient.manager) {
        section.facts.emplace_back("supervisor", (*patient.manager)->traits().label);
        facts.upkeep = (*patient.manager)->traits().upkeep();
    } else if (patient.home) {
        section.findings.push_back(of_error(FindingCode::no_supervisor, patient.manager.error()));
    }
    std::optional<Svscan> svscan;
    if (is_s6(patient)) {
        check_tools(section);
        svscan = check_scandir(**patient.settings, section);
    }
    facts.profiles = patient.home ? (*patient.home)->profiles().names.size() : 0;
    facts.descriptors = fewest_descriptors(svscan, all);
    facts.oom_kills = sys::oom_kills();
    if (svscan) { // what this user's session may do on a host says nothing about the gateways
        const auto limits = sys::limits(svscan->pid);
        facts.services = svscan->services;
        facts.processes = limits.processes;
        facts.memory = limits.memory;
        section.facts.emplace_back("processes", to_text(limits.processes));
        section.facts.emplace_back("memory", to_text(limits.memory));
        section.facts.emplace_back("services", to_text(facts.services));
    }
    if (facts.descriptors) {
        section.facts.emplace_back("descriptors", fmt::format("{}, of {}", facts.descriptors->limit,
                                                              facts.descriptors->whose));
    }
    add(section.findings, check_machine(facts));
    return section;
}

// -- the volume

void check_mounted(const store::Home& home, const std::optional<Overview>& all, Section& section) {
    if (!home.has_profiles()) {
        section.findings.push_back(volume_away(home.path()));
        // A home with a life of its own may well have no other profile.
        if (all && !is_blank(*all)) {
            section.findings.back().severity = Severity::note;
        }
    }
}

/// Who runs the gateways of the volume.
void check_ownership(const store::Home& home, const Settings& settings, Section& section) {
    const auto owner = own::ownership_of(home, settings)->look();
    section.facts.emplace_back("role", to_string(settings.role));
    section.facts.emplace_back("member", to_text(owner));
    add(section.findings, check_owner(owner, settings.role, guard_of(settings)));
}

Section check_up_volume(const Patient& patient, const std::optional<Overview>& all,
                        sys::Effects& effects) {
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
    check_mounted(home, all, section);
    if (patient.settings) {
        check_ownership(home, **patient.settings, section);
    }
    add(section.findings, home.profiles().findings);
    add(section.findings, check_volume(facts));
    return section;
}

// -- the times

/// A variable of s6-overlay's init, which counts in milliseconds.
std::optional<milliseconds> said_in(const char* variable) {
    const auto text = sys::environment(variable);
    const auto number = text ? parse_number<std::int64_t>(*text) : std::nullopt;
    return number ? std::optional(milliseconds{*number}) : std::nullopt;
}

Section check_up_times(const Patient& patient, const std::optional<Overview>& all) {
    Section section{"times", {}, {}};
    if (!patient.settings) {
        return section;
    }
    TimeFacts facts;
    facts.drain = (*patient.settings)->drain_timeout;
    facts.container = is_s6(patient);
    const bool by_hook = facts.container && (*patient.settings)->tree_kind == TreeKind::shared;
    facts.finish_maxtime = by_hook ? said_in("S6_KILL_FINISH_MAXTIME") : std::nullopt;
    facts.kill_grace = facts.container ? said_in("S6_KILL_GRACETIME") : std::nullopt;
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
    std::vector<Section> sections = {check_up_machine(patient, all),
                                     check_up_volume(patient, all, effects),
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
