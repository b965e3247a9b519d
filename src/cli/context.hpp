/// What a verb works with: the home, the settings, the supervisor, the profile of the caller. Each
/// is opened when it is first asked for, and once.
#pragma once

#include "base/error.hpp"
#include "cli/verb_table.hpp"
#include "operate/operator.hpp"
#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"
#include "sys/log.hpp"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace gw::cli {

enum class ColourWhen { automatic, always, never };

/// What the global options say.
struct Globals {
    Flags flags;
    std::optional<std::string> profile; ///< -p
    bool json = false;
    ColourWhen colour = ColourWhen::automatic;
    sys::Verbosity verbosity = sys::Verbosity::normal;
};

/// The profile of the caller.
struct OwnProfile {
    ProfileName name;
    sys::Directory directory;
};

/// Home and settings, opened.
struct Opened {
    const store::Home& home;
    const Settings& settings;
};

/// Stays where it is: what it has opened refers to it.
class Context {
  public:
    /// `privilege`: of the verb's row. It is carried out before anything of the home is opened.
    Context(Globals globals, Privilege privilege)
        : globals_(std::move(globals)), privilege_(privilege) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// For a verb that changes something: what root prepares before it leaves goes through here.
    void allow_changes(sys::Effects& effects) { effects_ = &effects; }

    [[nodiscard]] const Globals& globals() const { return globals_; }

    /// What flags and environment say. Nothing has been opened for it.
    const Surroundings& surroundings();
    /// Flags, environment and configuration files; their warnings have been said. Root has left
    /// before a file is read.
    Result<const Settings*> settings();
    /// Root has left before it is opened.
    Result<const store::Home*> home();
    Result<Opened> opened();
    /// The supervisor in charge.
    Result<const supervise::ServiceManager*> manager();
    /// The right to change what this verb is about; `effects` is what its function was handed.
    Result<operate::Operator> operator_with(sys::Effects& effects);
    /// The account that root has become for this verb; nullopt: it is who called.
    [[nodiscard]] const std::optional<Account>& account() const { return account_; }

    /// The profile of a verb that a gateway itself uses: -p, else GATEWAYCTL_PROFILE (each slot
    /// sets it), else the profile whose directory HERMES_HOME names, else `default`.
    /// Errc::no_profile when it has no directory.
    Result<OwnProfile> own_profile();

    /// Says a warning on the log, unless it has been said already.
    void warn_once(const std::string& warning);

  private:
    void warn_of(std::span<const Finding> findings);
    /// Root becomes the runner, as the row of the verb says.
    Result<void> leave_root();
    Result<void> become(const Account& runner);
    Result<void> open_manager();

    Globals globals_;
    Privilege privilege_;
    sys::Effects* effects_ = nullptr;
    bool left_root_ = false;
    std::optional<Surroundings> surroundings_;
    std::optional<Settings> settings_;
    std::optional<store::Home> home_;
    std::optional<Account> account_;
    std::unique_ptr<supervise::ServiceManager> manager_;
    std::set<std::string> said_;
};

} // namespace gw::cli
