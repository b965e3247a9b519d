/// What lies between the members of the fleet and those of etcd: messages are late, lost, answered
/// after whoever has asked has given up, or done though the answer is lost.
#pragma once

#include "fleet/wire.hpp"
#include "world.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gw::fleet_simulation {

/// Wakes one coroutine, from outside of its member's thread.
class Signal {
  public:
    explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}
    void ring() {
        rung_ = true;
        timer_.cancel();
    }
    /// Until it rings or the time has come.
    fleet::Task<void> wait(fleet::Until until);

  private:
    boost::asio::steady_timer timer_;
    bool rung_ = false;
};

/// What somebody waits for. Only he owns it: with him it is gone, and nobody is answered any more.
template <class T> struct Reply {
    explicit Reply(const boost::asio::any_io_executor& executor) : signal(executor) {}
    Signal signal;
    std::optional<T> answer{};
};

/// A watch, as its client holds it.
struct Stream {
    explicit Stream(const boost::asio::any_io_executor& executor) : signal(executor) {}
    Signal signal;
    std::size_t member = 0;
    std::size_t endpoint = 0;
    std::string prefix{};
    etcd::Revision next = 0; ///< that is sent
    Nanos last{0};           ///< when what was sent last arrives: nothing overtakes it
    std::string inbox{};
    bool ended = false;
};

class Network {
  public:
    using HttpReply = Reply<Result<fleet::HttpAnswer>>;

    explicit Network(World& world) : world_(world) {}

    static constexpr std::size_t endpoints = 3;
    enum class Way { open, refuses, swallows };

    void send(std::size_t member, std::size_t endpoint, std::string path, std::string body,
              std::weak_ptr<HttpReply> reply);
    void open_stream(const std::shared_ptr<Stream>& stream);

    // -- adversities
    void cut(std::size_t member, Way way);
    /// One member of etcd is gone (`refuses`) or apart from the others (`swallows`).
    void harm_endpoint(std::size_t endpoint, Way way) { endpoint_ways_.at(endpoint) = way; }
    void lose_leader(Nanos span);
    void slow_down(Nanos most, Nanos span);
    void mend();
    void mend(std::size_t member);

    /// Tells all watches of what has changed.
    void pump();

  private:
    struct Held {
        std::size_t member;
        std::function<void()> what;
    };
    [[nodiscard]] Way way(std::size_t member, std::size_t endpoint) const;
    Nanos delay();
    /// Goes on now, or when the way is mended, or never.
    void pass(std::size_t member, std::size_t endpoint, std::function<void()> what,
              std::function<void()> refused);
    void carry_out(std::size_t member, std::size_t endpoint, const std::string& path,
                   const std::string& body, const std::weak_ptr<HttpReply>& reply);
    void pump(const std::shared_ptr<Stream>& stream);

    World& world_;
    std::vector<Way> member_ways_ = std::vector<Way>(8, Way::open);
    std::array<Way, endpoints> endpoint_ways_{};
    Nanos leader_from_{0};
    Nanos slow_until_{0};
    Nanos slowest_{0};
    std::vector<Held> held_;
    std::vector<std::weak_ptr<Stream>> streams_;
};

} // namespace gw::fleet_simulation
