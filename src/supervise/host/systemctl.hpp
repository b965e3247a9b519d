/// systemctl(1): asking, commanding, and its failures as typed errors.
#pragma once

#include "rules/host_service.hpp"
#include "rules/observed_service.hpp"
#include "rules/settings.hpp"
#include "supervise/manager.hpp"

#include <map>

namespace gw::supervise {

/// Answer of `systemctl show`: KEY=VALUE lines, in an order of its own.
using Properties = std::map<std::string, std::string, std::less<>>;
Properties parse_properties(std::string_view text);

/// After how long systemd kills what does not end, drop-ins included; nullopt: never. The cure is
/// empty where only the unit itself says so.
std::optional<KillLimit> kill_limit_of(const Properties& properties, Scope scope);

/// What failed and the way out: no user bus, not permitted (polkit), no such unit, a timeout of the
/// bus, or just the tool's words.
Error systemctl_error(Scope scope, const Argv& argv, const sys::CommandOutput& output);

/// The scope that was asked for; else the system's for root and the user's for anybody else.
/// Errc::usage for another word.
Result<Scope> scope_of(const Surroundings& settings);

class Systemctl {
  public:
    /// Errc::no_manager when there is no systemctl.
    static Result<Systemctl> open(Scope scope);

    [[nodiscard]] Scope scope() const { return scope_; }

    /// Properties of a unit, or of the manager when `unit` is empty. A unit that does not exist is
    /// an answer: LoadState=not-found.
    [[nodiscard]] Result<Properties> show(const std::string& unit, const std::string& names) const;
    /// Errc as in `systemctl_error`, Errc::timed_out when the manager does not answer.
    /// What `systemctl list-jobs` prints: a line for each job that is under way.
    [[nodiscard]] Result<std::string> jobs() const;
    Result<void> command(sys::Effects& effects, Argv words) const;
    /// First number of `systemctl --version`.
    [[nodiscard]] Result<int> version() const;

  private:
    explicit Systemctl(Scope scope) : scope_(scope) {}
    [[nodiscard]] Argv argv(Argv words) const;
    Scope scope_;
};

/// Whether the manager of this scope answers: what detection asks.
bool systemd_answers(Scope scope);

/// Whether this unit is being stopped because somebody asked for it, and not because the machine
/// (or the user's session) goes down. For where systemd runs no ExecStop: a stop before readiness.
Result<bool> stop_was_asked(Scope scope, const std::string& unit);
/// Whether one of these jobs ends the unit: a stop or a restart, not the start of a life that has
/// died before it was ready.
bool ends_unit(std::string_view jobs, std::string_view unit);

/// For ExecStopPost: whether the unit has ended because its manager was told to end it (a stop, a
/// restart, the machine's own end), and not by itself: then such a job of it is under way.
Result<bool> was_commanded_down(Scope scope, const std::string& unit);
/// Whether the whole manager is on its way down: what ends then is not a stop that somebody asked
/// for.
Result<bool> goes_down(Scope scope);

} // namespace gw::supervise
