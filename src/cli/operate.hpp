/// What start, stop, restart, register and unregister share: the manager, the targets, the report.
#pragma once

#include "cli/globals.hpp"
#include "operate/begin.hpp"
#include "operate/register.hpp"
#include "operate/watch.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// Whether a verb only reports: then nothing is prepared for it either.
enum class Access { look, change };

/// The manager in charge and what it works on. Members refer to each other, so it stays where it
/// is.
class Station {
  public:
    /// Opens home and manager. When root runs it in a container, becomes the owner of the home; on
    /// systemd and launchd root stays root, because units are root's.
    static Result<std::unique_ptr<Station>> open(const Globals& globals,
                                                 Access access = Access::change);

    [[nodiscard]] const store::Home& home() const { return workplace_.home; }
    [[nodiscard]] const Settings& settings() const { return workplace_.settings; }
    [[nodiscard]] supervise::ServiceManager& manager() const { return *manager_; }
    /// The right to change something.
    operate::Operator with(sys::Effects& effects) {
        return {*manager_, workplace_.home, workplace_.settings, effects};
    }

  private:
    explicit Station(Workplace workplace) : workplace_(std::move(workplace)) {}
    Workplace workplace_;
    std::unique_ptr<supervise::ServiceManager> manager_;
};

/// Which profiles a verb acts on.
struct Targets {
    std::vector<std::string> names; ///< as typed
    bool all = false;
};
void add_target_options(CLI::App& verb, Targets& targets);

/// The typed names, or -p, or `default`; Errc::usage for a bad one.
Result<std::vector<ProfileName>> named_targets(const Globals& globals,
                                               const std::vector<std::string>& names);

struct OperateOptions {
    Targets targets;
    operate::OperationOptions operation;
};
/// --timeout SECONDS.
void add_timeout_option(CLI::App& verb, operate::OperationOptions& operation);
/// NAME…, --all, --timeout, --no-wait, --force.
void add_operate_options(CLI::App& verb, OperateOptions& options);

/// One of the three operations as the command line runs it.
struct Operation {
    std::string_view verb; ///< "stop"
    std::string_view past; ///< "stopped"
    std::function<Result<operate::Pending>(const operate::Operator&, const ProfileName&)> begin;
    /// Which registered profiles `--all` means.
    std::function<bool(const Station&, const ProfileName&)> part_of_all;
};

/// Begins on every target, then waits for each; one failure does not hide the others.
int operate(const Globals& globals, const OperateOptions& options, const Operation& operation);

/// Result of a verb on one profile.
struct VerbResult {
    ProfileName profile;
    std::optional<Error> error;
};
/// Prints the results and answers with the exit status: one target's own, or 1 when some failed.
int report_results(const Globals& globals, std::string_view verb, std::string_view past,
                   const std::vector<VerbResult>& results);

/// Every registered profile.
bool any_profile(const Station& station, const ProfileName& profile);

} // namespace gw::cli
