#include "capi/gatewayctl.h"

#include "store/lifecycle.hpp"
#include "store/marker_file.hpp"
#include "store/state_file.hpp"
#include "sys/clock.hpp"
#include "sys/memory_events.hpp"
#include "sys/processes.hpp"
#include "sys/system_effects.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <string>
#include <unistd.h>

namespace {

using namespace gw;

thread_local std::string last_error; // NOLINT: the one thing kept between two calls

/// Runs `body`, which answers Result<int>; nothing leaves as an exception.
template <class Body> int guarded(const Body& body) {
    try {
        last_error.clear();
        const Result<int> answer = body();
        if (answer) {
            return *answer;
        }
        last_error = answer.error().message;
    } catch (const std::exception& error) {
        last_error = error.what();
    } catch (...) {
        last_error = "unknown failure";
    }
    return GATEWAYCTL_FAILED;
}

Result<int> ok_or_error(Result<void> done) {
    return done ? Result<int>(GATEWAYCTL_OK) : std::unexpected(std::move(done.error()));
}

template <class Body> int in_profile(const char* profile_dir, const Body& body) {
    return guarded([&]() -> Result<int> {
        if (profile_dir == nullptr) {
            return fail(Errc::usage, "profile_dir is NULL");
        }
        const auto profile = sys::Directory::open(profile_dir);
        return profile ? body(*profile) : std::unexpected(profile.error());
    });
}

Result<MarkerKind> kind_of(int marker) {
    switch (marker) {
    case GATEWAYCTL_PLANNED_STOP:
        return MarkerKind::planned_stop;
    case GATEWAYCTL_TAKEOVER:
        return MarkerKind::takeover;
    default:
        return fail(Errc::usage, "marker is no enum gatewayctl_marker");
    }
}

int request_of(MarkerKind kind, const Marker& marker) {
    return kind == MarkerKind::takeover      ? GATEWAYCTL_TAKE_OVER
           : marker.reason == restart_reason ? GATEWAYCTL_RESTART
                                             : GATEWAYCTL_STOP;
}

enum class Look { probe, consume };

Result<std::optional<Marker>> find_own(const sys::Directory& profile, MarkerKind kind, Look look) {
    const auto reader = store::marker_reader(Pid{::getpid()}, profile);
    if (!reader) {
        return std::unexpected(reader.error());
    }
    if (look == Look::consume) {
        sys::SystemEffects effects;
        return store::consume_marker(effects, profile, kind, *reader);
    }
    const auto found = store::probe_marker(profile, kind, *reader);
    if (!found) {
        return std::unexpected(found.error());
    }
    const bool mine = *found && (*found)->verdict == MarkerVerdict::names_me;
    return mine ? std::optional((*found)->marker) : std::nullopt;
}

int ask(const char* profile_dir, int marker, int* request, Look look) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) -> Result<int> {
        const auto kind = kind_of(marker);
        const auto found = kind ? find_own(profile, *kind, look)
                                : Result<std::optional<Marker>>(std::unexpected(kind.error()));
        if (!found) {
            return std::unexpected(found.error());
        }
        if (request != nullptr) {
            *request = *found ? request_of(*kind, **found) : GATEWAYCTL_NOTHING;
        }
        return *found ? GATEWAYCTL_YES : GATEWAYCTL_NO;
    });
}

Result<EndOfLife> to_end(const gatewayctl_end& end) {
    constexpr std::array signals = {StopSignal::none, StopSignal::terminate,
                                    StopSignal::terminal_interrupt};
    constexpr std::array markers = {MarkerSaid::nothing, MarkerSaid::stop, MarkerSaid::restart,
                                    MarkerSaid::takeover};
    constexpr std::array drains = {DrainEnd::not_needed, DrainEnd::drained, DrainEnd::timed_out};
    const auto within = [](std::int32_t value, std::size_t size) {
        return value >= 0 && static_cast<std::size_t>(value) < size;
    };
    if (end.struct_size < sizeof end || !within(end.signal, signals.size()) ||
        !within(end.marker, markers.size()) || !within(end.drain, drains.size())) {
        return fail(Errc::usage, "struct gatewayctl_end holds a value that does not exist");
    }
    const auto at = [](std::int32_t value) { return static_cast<std::size_t>(value); };
    return EndOfLife{signals.at(at(end.signal)),
                     markers.at(at(end.marker)),
                     end.restart_asked != 0,
                     end.was_ready != 0 ? LifePhase::ready : LifePhase::starting,
                     {ChildEnd::Kind::exited, end.own_exit_code},
                     drains.at(at(end.drain))};
}

ProcessIdentity own_process() {
    const Pid pid{::getpid()};
    return sys::identity_of(pid).value_or(ProcessIdentity{pid, std::nullopt});
}

} // namespace

int gatewayctl_api_version(void) {
    return GATEWAYCTL_API_VERSION;
}

const char* gatewayctl_error(void) {
    return last_error.c_str();
}

int gatewayctl_marker_write(const char* profile_dir, int marker, int32_t pid, const char* reason) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) -> Result<int> {
        const auto kind = kind_of(marker);
        if (!kind) {
            return std::unexpected(kind.error());
        }
        const auto target = sys::identity_of(Pid{pid});
        if (!target) {
            return fail(Errc::not_found, "there is no live process " + std::to_string(pid));
        }
        sys::SystemEffects effects;
        return ok_or_error(
            store::write_marker(effects, profile, *kind,
                                {*target, sys::comm_of(Pid{::getpid()}),
                                 reason == nullptr ? "stop" : reason, profile.path()}));
    });
}

int gatewayctl_marker_probe(const char* profile_dir, int marker, int* request) {
    return ask(profile_dir, marker, request, Look::probe);
}

int gatewayctl_marker_consume(const char* profile_dir, int marker, int* request) {
    return ask(profile_dir, marker, request, Look::consume);
}

int gatewayctl_judge_end(const gatewayctl_end* end, gatewayctl_verdict* verdict) {
    return guarded([&]() -> Result<int> {
        if (end == nullptr || verdict == nullptr || verdict->struct_size < sizeof *verdict) {
            return fail(Errc::usage, "end and verdict must be there, with their struct_size");
        }
        const auto life = to_end(*end);
        if (!life) {
            return std::unexpected(life.error());
        }
        const auto judged = judge_end(*life);
        const auto state = to_string(judged.state);
        verdict->exit_code = judged.exit_code;
        verdict->clean = judged.clean ? 1 : 0;
        std::fill(std::begin(verdict->gateway_state), std::end(verdict->gateway_state), '\0');
        state.copy(&verdict->gateway_state[0], sizeof verdict->gateway_state - 1);
        return GATEWAYCTL_OK;
    });
}

int gatewayctl_record_state(const char* profile_dir, const char* gateway_state,
                            const char* exit_reason) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) -> Result<int> {
        constexpr std::array<std::string_view, 6> known = {"starting", "running", "degraded",
                                                           "draining", "stopped", "startup_failed"};
        if (gateway_state == nullptr ||
            std::find(known.begin(), known.end(), gateway_state) == known.end()) {
            return fail(Errc::usage, "gateway_state is none of the six words");
        }
        sys::SystemEffects effects;
        return ok_or_error(store::edit_state_file(effects, profile, [&](Json& file) {
            store::name_process(file, own_process());
            file["gateway_state"] = gateway_state;
            file["exit_reason"] = exit_reason == nullptr ? Json() : Json(exit_reason);
            file["updated_at"] = to_rfc3339(sys::now().wall);
        }));
    });
}

int gatewayctl_life_begin(const char* profile_dir) {
    return in_profile(profile_dir, [](const sys::Directory& profile) -> Result<int> {
        const auto self = own_process();
        sys::SystemEffects effects;
        auto begun = store::record_begin(
            effects, profile,
            {{self, self}, judge_prior_life(store::read_traces(profile)), sys::oom_kills()});
        return ok_or_error(begun ? store::consume_clean_shutdown(effects, profile)
                                 : std::move(begun));
    });
}

int gatewayctl_life_end(const char* profile_dir, const gatewayctl_end* end, const char* detail) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) -> Result<int> {
        const auto life = end == nullptr ? fail(Errc::usage, "end is NULL") : to_end(*end);
        if (!life) {
            return std::unexpected(life.error());
        }
        if (!store::is_record_of(profile, own_process())) {
            return fail(Errc::conflict, "no life of this process was begun");
        }
        sys::SystemEffects effects;
        const std::string words = detail == nullptr ? "" : detail;
        return ok_or_error(store::record_end(
            effects, profile,
            {{own_process(), own_process()}, judge_end(*life), life->child, words, std::nullopt}));
    });
}

int gatewayctl_stop_progress(const char* profile_dir, int progress) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) -> Result<int> {
        constexpr std::array steps = {store::StopProgress::draining, store::StopProgress::drained,
                                      store::StopProgress::timed_out};
        if (progress < 0 || static_cast<std::size_t>(progress) >= steps.size()) {
            return fail(Errc::usage, "progress is no enum gatewayctl_progress");
        }
        sys::SystemEffects effects;
        return ok_or_error(store::write_clean_shutdown(
            effects, profile, steps.at(static_cast<std::size_t>(progress)), own_process()));
    });
}

int gatewayctl_clear_stop_progress(const char* profile_dir) {
    return in_profile(profile_dir, [&](const sys::Directory& profile) {
        sys::SystemEffects effects;
        return ok_or_error(store::consume_clean_shutdown(effects, profile));
    });
}
