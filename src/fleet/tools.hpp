/// What an agent has done by `gatewayctl`, in processes of its own: meanwhile the lease is renewed.
#pragma once

#include "base/argv.hpp"
#include "fleet/task.hpp"
#include "rules/fleet_asks.hpp"
#include "rules/time_limits.hpp"
#include "sys/effects.hpp"

#include <boost/asio/thread_pool.hpp>
#include <string>
#include <vector>

namespace gw::fleet {

class Tools {
  public:
    /// `common`: the program and what it is told in front of each verb. Both outlive it.
    Tools(sys::Effects& effects, Argv common, std::string home, seconds drain_timeout);
    ~Tools();
    Tools(const Tools&) = delete;
    Tools& operator=(const Tools&) = delete;

    /// The boot pass: brings up and down by what the fence says. Its words go to the log.
    Task<bool> reconcile();
    /// Whether every gateway of this member is down, or those of some profiles.
    Task<bool> drain(const std::vector<std::string>& profiles = {});
    /// A verb that was asked for in another member.
    Task<FleetAnswer> carry_out(FleetAsk ask);
    /// The profiles on the volume, sorted. Errc::io where they cannot be listed whole.
    Task<Result<std::vector<std::string>>> profiles();

  private:
    /// A pass, and verbs beside it: each mostly waits for its process.
    static constexpr std::size_t most_at_once = 8;

    Task<Result<sys::CommandOutput>> run(std::vector<std::string> words, milliseconds deadline);
    Task<bool> run_and_tell(std::vector<std::string> words, milliseconds deadline);

    sys::Effects& effects_;
    Argv common_;
    std::string home_;
    seconds drain_timeout_;
    boost::asio::thread_pool threads_{most_at_once};
};

} // namespace gw::fleet
