#include "operate/drain.hpp"

#include "sys/processes.hpp"
#include "sys/waiting.hpp"

#include <csignal>
#include <fmt/format.h>
#include <optional>

namespace gw::operate {

namespace {

struct Draining {
    ProfileName profile;
    ProcessIdentity process;
};

/// Tells one gateway; nullopt when its end is known at once and has been reported.
std::optional<Draining> begin(sys::Effects& effects, supervise::ServiceManager& manager,
                              const ProfileName& profile, Drained& answer) {
    const auto service = manager.observe_process(profile);
    if (!service) {
        answer.detail = service.error().message;
        return std::nullopt;
    }
    // A gateway that waits for its next start must not come up in the middle of the stop.
    const bool may_run = service->supervised && (service->process || service->wants_up);
    if (may_run) {
        if (const auto told = manager.drain(effects, profile); !told) {
            answer.detail = told.error().message;
            return std::nullopt;
        }
    }
    if (!service->process) {
        answer.end = Drained::End::was_down;
        return std::nullopt;
    }
    return Draining{profile, *service->process};
}

/// How one that is gone has ended, as its supervisor saw it; nullopt while that has seen nothing.
std::optional<Drained> end_of(const supervise::ServiceManager& manager, const Draining& one) {
    const auto service = manager.observe_process(one.profile);
    if (service && service->process == one.process) {
        return std::nullopt;
    }
    if (!service) {
        return Drained{one.profile,
                       Drained::End::failed,
                       {},
                       "it is gone, and how it ended is not known: " + service.error().message};
    }
    const bool killed = service->last_exit && service->last_exit->signal == SIGKILL;
    return Drained{one.profile, killed ? Drained::End::killed : Drained::End::drained, {}, {}};
}

} // namespace

Result<std::vector<Drained>> drain_all(sys::Effects& effects, supervise::ServiceManager& manager,
                                       std::chrono::milliseconds deadline,
                                       const std::function<void(const Drained&)>& report) {
    const auto profiles = manager.list();
    if (!profiles) {
        return std::unexpected(profiles.error());
    }
    const auto start = std::chrono::steady_clock::now();
    const sys::Deadline end(deadline);
    std::vector<Drained> all;
    std::vector<Draining> waiting;
    const auto known = [&](Drained answer) {
        answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - start);
        report(answer);
        all.push_back(std::move(answer));
    };
    for (const auto& profile : *profiles) {
        Drained answer{profile, Drained::End::failed, {}, {}};
        if (const auto draining = begin(effects, manager, profile, answer)) {
            waiting.push_back(*draining);
        } else {
            known(std::move(answer));
        }
    }
    const auto all_gone = [&] {
        std::erase_if(waiting, [&](const Draining& one) {
            auto ended = sys::is_alive(one.process) ? std::nullopt : end_of(manager, one);
            if (ended) {
                known(std::move(*ended));
            }
            return ended.has_value();
        });
        return waiting.empty();
    };
    (void)sys::poll_until(end, all_gone);
    for (const auto& one : waiting) {
        known({one.profile,
               Drained::End::still_draining,
               {},
               fmt::format("pid {}", one.process.pid.value)});
    }
    return all;
}

} // namespace gw::operate
