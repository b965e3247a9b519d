/// Gathers the facts that a plan is made from. Reads only.
#pragma once

#include "core/container_command.hpp"
#include "core/plan.hpp"
#include "core/service_settings.hpp"
#include "core/settings.hpp"
#include "service/s6_scandir.hpp"
#include "store/home.hpp"

#include <optional>
#include <vector>

namespace gw::reconcile {

/// Facts about the container, from settings and the command lines of its processes.
ContainerFacts container_facts(const Settings& settings, const std::vector<Argv>& processes);

/// Everything the files of one profile say, except its slot. Never fails: what cannot be read is
/// part of the answer.
ProfileObservation observe_profile(const store::Home& home, const ProfileName& profile);

/// What the slot of a profile is rendered from.
SlotSpec slot_spec(const store::Home& home, const Settings& settings, const ProfileName& profile,
                   const ServiceSettings& service, const Account& account);

/// The account the gateways of this home run as: the owner of the home.
Result<Account> account_of_home(const store::Home& home);

Result<Observation> observe(const store::Home& home, const std::optional<service::Scandir>& scandir,
                            const Settings& settings);

} // namespace gw::reconcile
