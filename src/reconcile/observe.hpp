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

/// What the slot of a profile is rendered from.
SlotSpec slot_spec(const store::Home& home, const Settings& settings, const ProfileName& profile,
                   const ServiceSettings& service, const Account& account);

/// The account the gateways of this home run as: the owner of the home.
Result<Account> account_of_home(const store::Home& home);

/// Everything the files of the profiles say and what the scandir holds. What cannot be read of one
/// profile is part of the answer, never an error that stops the rest.
Result<Observation> observe(const store::Home& home, const std::optional<service::Scandir>& scandir,
                            const Settings& settings);

} // namespace gw::reconcile
