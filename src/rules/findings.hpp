/// The kinds of findings, and the command that mends each one under each kind of supervisor. Pure.
#pragma once

#include "base/finding.hpp"
#include "base/profile_name.hpp"

#include <string>
#include <string_view>

namespace gw {

/// What can be found. The words of `to_string` are stable: programs compare them.
enum class FindingCode {
    // the configuration
    ignored_configuration, ///< a file or key of it is not used
    unknown_value,         ///< a variable holds a word that nobody knows
    unclean_value,         ///< a variable holds quotes or a carriage return; used without them
    unknown_variable,      ///< its name is like that of one of ours
    bad_drain_timeout,     ///< what is no number of seconds within the bounds
    bad_ports,             ///< what is no list of ranges of ports
    gateways_run_as_root,  ///< somebody asked for that
    // the volume
    foreign_owner,             ///< another member runs its gateways
    volume_unguarded,          ///< it cannot be locked: nobody is kept out
    volume_on_network,         ///< locks may not reach every machine that has it
    volume_too_large,          ///< its files are larger than one pass reads
    unlistable_profiles,       ///< `profiles/` or an entry of it cannot be looked at
    reserved_name,             ///< a directory `profiles/default`
    copied_profile,            ///< what it has of state and intent is another profile's
    unusable_state_file,       ///< unreadable, so that the intent file decides alone
    unusable_intent_file,      ///< unreadable or corrupt
    unusable_service_settings, ///< what is kept for the service cannot be used
    stale_file_is_directory,   ///< a directory under the name of a file that should go
    unreadable_marker,         ///< whether a stop was asked for is not known
    old_intent_written_back,   ///< the mirror in the state file is an older copy
    profile_gone,              ///< registered, but the directory was deleted
    profile_unseen,            ///< registered, but whether the profile exists is not known
    no_such_profile,           ///< neither registered nor on the volume
    no_port_left,              ///< more profiles than ports
    unregistered,              ///< without a slot, as an operator has asked
    // an operation
    marker_not_written,      ///< the gateway cannot tell that its end is planned
    planned_end_not_noted,   ///< who hears of the end cannot tell that it is planned
    command_unconfirmed,     ///< its tool failed, and the supervisor does what it asked for
    mirror_not_written,      ///< the intent is recorded, its mirror in the state file is not
    unregistration_not_kept, ///< the next boot makes the slot again
    still_parked,            ///< started, but the record of its parking could not be removed
    drain_cut_off,           ///< it was killed before it had finished its work
    intent_not_confirmed,    ///< whether another writer has undone the intent is not known
    // the supervisor
    slot_not_ours,       ///< something else stands under the name of the slot
    orphan_kept,         ///< a slot without a profile, and whose it is cannot be told
    not_registered,      ///< a profile without a slot, unit or plist
    drift,               ///< the slot, unit or plist differs from what would be installed now
    parked,              ///< it died too often
    up_against_intent,   ///< it is up although the operator wants it down
    down_against_intent, ///< it is down although the operator wants it up
    held_outside,        ///< a gateway of the profile runs that its supervisor does not know
    // the decision
    unreadable_state, ///< its state file cannot be read, and no intent file answers
    corrupt_state,    ///< its state file is no JSON object, and no intent file answers
    unknown_intent,   ///< its intent is a word that nobody knows
    runs_not_here,    ///< no gateway of the profile runs in this container, whatever its intent
    keeps_dying,      ///< it has died, and is started again
    unseen_service,   ///< its supervisor could not be asked
    invalid_profile,  ///< what looks like a profile and cannot be one
    // the machine, the volume and the times, as doctor looks at them
    no_supervisor,       ///< nothing supervises gateways here
    supervisor_not_live, ///< its directory is there, and nobody watches it
    missing_tool,        ///< a tool of the supervisor is not in PATH
    scandir_unusable,    ///< the scandir cannot be written to, or nothing in it can be executed
    too_many_services,   ///< more than the supervisor takes up
    low_limit,           ///< descriptors, processes or memory are short
    volume_full,         ///< no space, or no inodes, are left
    volume_unwritable,   ///< this user cannot write to the home
    volume_refuses,      ///< the file system cannot do what files are kept with
    volume_away,         ///< the home has no profiles/, and slots were made for it
    wrong_owner,         ///< a file that the gateways' user cannot use
    no_soul,             ///< a directory without SOUL.md that holds a state
    litter,              ///< left by something that was killed
    stale_marker,        ///< a marker that can match nobody
    port_twin,           ///< two profiles have the same port
    kill_before_drain,   ///< the supervisor kills before the drain is over
    container_grace,     ///< the container is killed before the drains are over
    clock_wrong,         ///< the wall clock cannot be right
    // a fleet, as doctor looks at it in one of its members
    fleet_misconfigured, ///< the configuration of the fleet cannot be used
    fleet_away,          ///< no member of etcd answers
    endpoint_away,       ///< one of them does not
    endpoint_unwell,     ///< one of them says of itself that something is wrong
    no_member,           ///< this member has no lease
    late_renewal,        ///< its lease is older than it should be
    lease_before_drain,  ///< a lease leaves less time than a drain may take
    certificate_ends,    ///< soon, or it has
    clocks_differ,       ///< this machine's and another one's
};
std::string_view to_string(FindingCode code);

/// How bad it is.
Severity severity_of(FindingCode code);

/// What makes and renews the slots, units or plists of a supervisor.
enum class Upkeep {
    boot_pass, ///< `reconcile` and `register` (s6)
    install,   ///< `install` and `uninstall` (systemd, launchd)
};

/// The next command to type; empty where none is known. This is the only place that knows the
/// commands, so that a cure always fits the supervisor.
std::string cure_for(FindingCode code, Upkeep upkeep, const ProfileName& profile);

/// A finding that no command mends.
Finding finding(FindingCode code, std::string subject, std::string what, std::string why = {});
/// A finding that is no profile's, and what to type or to change.
Finding finding_with_cure(FindingCode code, std::string subject, std::string what, std::string why,
                          std::string cure);
/// A finding about a profile, with its cure.
Finding finding(FindingCode code, Upkeep upkeep, const ProfileName& profile, std::string what,
                std::string why = {});

} // namespace gw
