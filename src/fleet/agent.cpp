#include "fleet/agent.hpp"

#include "fleet/gateway_work.hpp"
#include "fleet/mirror.hpp"
#include "fleet/volume_work.hpp"
#include "store/fence.hpp"
#include "sys/child.hpp"
#include "sys/clock.hpp"
#include "sys/log.hpp"
#include "sys/self.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>

namespace gw::fleet {

namespace {

namespace asio = boost::asio;

MemberRecord self_of(const Settings& settings) {
    const auto host = sys::host_name();
    return {settings.member.value_or(host), host, to_rfc3339(sys::now().wall),
            settings.fleet->capacity};
}

Result<void> check(const Settings& settings) {
    if (const auto problems = problems_of(*settings.fleet); !problems.empty()) {
        return fail(Errc::bad_config, "the fleet is not configured: " + problems.front(),
                    "gatewayctl config check");
    }
    const auto name = self_of(settings).name;
    return is_member_name(name)
               ? Result<void>{}
               : fail(Errc::bad_config, "'" + name + "' is no name for a member of a fleet",
                      "GATEWAYCTL_MEMBER=NAME, without blanks and slashes");
}

std::unique_ptr<Work> work_for(const Means& means) {
    if (means.settings.spread == Spread::gateway) {
        return std::make_unique<GatewayWork>(means);
    }
    return std::make_unique<VolumeWork>(means);
}

/// All that an agent consists of, in one thread.
class Agent {
  public:
    Agent(sys::Effects& effects, const AgentPlace& place, const sys::Directory& fence)
        : self_(self_of(place.settings)),
          membership_(effects, *place.settings.fleet, self_, fence, bell_),
          mirror_(*place.settings.fleet, FleetKeys(place.settings.fleet->prefix).all(), bell_),
          tools_(effects,
                 {place.gatewayctl, "--home", place.home, "--scandir", place.settings.scandir},
                 place.home, place.settings.drain_timeout),
          work_(work_for(
              {effects, *place.settings.fleet, self_, fence, membership_, mirror_, tools_})) {}

    void run() {
        sys::hear_of_parents_death(SIGHUP);
        begin(membership_.keep());
        begin(mirror_.follow());
        begin(work_->work(bell_));
        begin(hear_signals());
        io_.run();
    }

  private:
    void begin(Task<void> task) {
        asio::co_spawn(io_, std::move(task), [](const std::exception_ptr& error) {
            if (error) {
                std::rethrow_exception(error);
            }
        });
    }

    Task<void> hear_signals() {
        asio::signal_set signals(io_, SIGTERM, SIGINT, SIGHUP);
        const auto [error, number] = co_await signals.async_wait(quietly);
        if (number != SIGHUP) {
            co_await leave_fleet(membership_, tools_);
        }
        io_.stop();
    }

    asio::io_context io_{1};
    Bell bell_{io_};
    MemberRecord self_;
    Membership membership_;
    Mirror mirror_;
    Tools tools_;
    std::unique_ptr<Work> work_;
};

} // namespace

Result<void> run_agent(sys::Effects& effects, const AgentPlace& place) {
    if (auto good = check(place.settings); !good) {
        return good;
    }
    const auto fence = store::make_fence(effects, fence_directory(place.settings));
    if (!fence) {
        return std::unexpected(fence.error());
    }
    place.is_ready();
    Agent(effects, place, *fence).run();
    return {};
}

} // namespace gw::fleet
