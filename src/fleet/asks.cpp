#include "fleet/asks.hpp"

#include "fleet/etcd.hpp"
#include "rules/fleet_keys.hpp"
#include "sys/clock.hpp"

#include <fmt/format.h>
#include <random>

namespace gw::fleet {

namespace {

constexpr std::chrono::milliseconds patience{5'000};
constexpr std::chrono::milliseconds between_looks{100};
/// So long an answer stays that nobody has fetched.
constexpr seconds beyond{30};

std::string new_name() {
    std::random_device device;
    return fmt::format("{:08x}{:08x}", device(), device());
}

class Asking {
  public:
    Asking(const FleetSettings& settings, const FleetAsk& ask, std::chrono::milliseconds longest)
        : keys_(settings.prefix), etcd_(settings, patience), ask_(ask), end_(longest),
          ttl_(std::chrono::ceil<seconds>(longest) + beyond) {}

    Task<Result<FleetAnswer>> run() {
        const auto lease = co_await etcd_.grant(ttl_);
        if (!lease) {
            co_return std::unexpected(lease.error());
        }
        const auto claim = co_await etcd_.claim(keys_.ask(name_), to_value(ask_), lease->id);
        if (!claim || !claim->put) {
            co_return claim ? fail(Errc::conflict, "another one has asked under this name")
                            : std::unexpected(claim.error());
        }
        auto answer = co_await wait_for_answer(claim->revision);
        (void)co_await etcd_.revoke(lease->id);
        co_return answer;
    }

  private:
    Task<Result<FleetAnswer>> wait_for_answer(etcd::Revision asked) {
        Error why{Errc::timed_out, "no member has it", "gatewayctl fleet status"};
        while (!end_.passed()) {
            const auto range = co_await etcd_.range_of_key(keys_.answer(name_));
            if (!range) {
                why = range.error();
            } else if (!range->entries.empty()) {
                auto answer = parse_answer(range->entries.front().value);
                co_return answer ? Result<FleetAnswer>(std::move(*answer))
                                 : fail(Errc::corrupt, "the answer of the member is malformed");
            }
            co_await pause_for(between_looks);
        }
        const auto taken_back = co_await etcd_.release(keys_.ask(name_), asked);
        if (taken_back && *taken_back) {
            co_return std::unexpected(
                std::move(why).within("nobody has begun with it, and it was taken back"));
        }
        co_return fail(Errc::timed_out,
                       "the member that has it has begun, and what came of it is not known",
                       "gatewayctl status " + ask_.profile.str());
    }

    FleetKeys keys_;
    Etcd etcd_;
    const FleetAsk& ask_;
    sys::Deadline end_;
    seconds ttl_;
    std::string name_ = new_name();
};

} // namespace

Result<FleetAnswer> ask(const FleetSettings& settings, const FleetAsk& ask,
                        std::chrono::milliseconds longest) {
    boost::asio::io_context io;
    Asking asking(settings, ask, longest);
    return answer_of(io, asking.run());
}

} // namespace gw::fleet
