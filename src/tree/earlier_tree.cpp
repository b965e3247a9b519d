#include "tree/earlier_tree.hpp"

#include "rules/svscan_limit.hpp"
#include "rules/time_limits.hpp"
#include "supervise/s6/slot.hpp"
#include "sys/accounts.hpp"
#include "sys/log.hpp"
#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::tree {

namespace {

/// The s6-svscan on this scandir, when it is this user's; nobody else's is ours to end.
std::optional<Pid> own_svscan(const supervise::Scandir& scandir) {
    for (const auto& process : sys::all_command_lines()) {
        const auto info = svscan_limit(process.argv, scandir.path())
                              ? sys::process_info(process.pid)
                              : std::nullopt;
        if (info && info->uid == sys::effective_uid()) {
            return process.pid;
        }
    }
    return std::nullopt;
}

Result<void> end_svscan(sys::Effects& effects, const supervise::Scandir& scandir,
                        IfServed if_served, const sys::Deadline& end) {
    if (!scandir.supervisor_live()) {
        return {};
    }
    const auto pid = own_svscan(scandir);
    if (!pid || if_served == IfServed::refuse) {
        return fail(Errc::conflict,
                    fmt::format("an s6-svscan serves {} already{}", scandir.path(),
                                pid ? fmt::format(" (pid {})", pid->value) : ""),
                    "gatewayctl status; its end, and with it that of every gateway: "
                    "s6-svscanctl -t " +
                        scandir.path());
    }
    sys::log_warning(fmt::format("an earlier s6-svscan (pid {}) has lost its supervisor: it ends "
                                 "first, in order",
                                 pid->value));
    if (auto told = supervise::end_svscan(effects, scandir); !told) {
        return told;
    }
    return sys::poll_until(end, [&] { return !scandir.supervisor_live(); })
               ? Result<void>{}
               : fail(Errc::timed_out, fmt::format("the earlier s6-svscan of {} (pid {}) is still "
                                                   "there",
                                                   scandir.path(), pid->value));
}

/// Every directory of the scandir on which an s6-supervise lives, also those under a dot name.
Result<std::vector<std::string>> survivors(const supervise::Scandir& scandir) {
    const auto entries = scandir.directory().list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    std::vector<std::string> names;
    for (const auto& entry : *entries) {
        if (entry.kind == sys::EntryKind::directory && scandir.supervised(entry.name)) {
            names.push_back(entry.name);
        }
    }
    return names;
}

} // namespace

Result<void> end_earlier_tree(sys::Effects& effects, const supervise::Scandir& scandir,
                              IfServed if_served, std::chrono::milliseconds deadline) {
    const sys::Deadline end(deadline);
    if (auto ended = end_svscan(effects, scandir, if_served, end); !ended) {
        return ended;
    }
    auto left = survivors(scandir);
    if (!left) {
        return std::unexpected(std::move(left.error()));
    }
    if (left->empty()) {
        return {};
    }
    sys::log_warning(fmt::format("{} services have outlived their s6-svscan: they end first, in "
                                 "order",
                                 left->size()));
    for (const auto& name : *left) {
        if (auto told = supervise::end_supervisors(effects, scandir, name); !told) {
            sys::log_warning(told.error().message); // whether it has gone is seen below
        }
    }
    const auto all_gone = [&] {
        std::erase_if(*left, [&](const auto& name) { return !scandir.supervised(name); });
        return left->empty();
    };
    return sys::poll_until(end, all_gone)
               ? Result<void>{}
               : fail(Errc::timed_out,
                      fmt::format("{} services of an earlier tree have not ended, among them {}",
                                  left->size(), scandir.directory().path_of(left->front())),
                      "s6-svstat " + scandir.directory().path_of(left->front()));
}

} // namespace gw::tree
