#include "network.hpp"

#include "base/base64.hpp"
#include "base/json_fields.hpp"
#include "base/numbers.hpp"
#include "member.hpp"

#include <algorithm>

namespace gw::fleet_simulation {

namespace {

constexpr unsigned http_ok = 200;

template <class T> void answer_to(std::size_t member, const std::weak_ptr<Reply<T>>& to, T answer) {
    the_world()->members.at(member)->deliver([to, answer = std::move(answer)]() mutable {
        if (const auto reply = to.lock(); reply && !reply->answer) {
            reply->answer = std::move(answer);
            reply->signal.ring();
        }
    });
}

/// A wire of the simulation.
class ModelWire : public fleet::Wire {
  public:
    explicit ModelWire(std::size_t endpoint)
        : member_(the_member()->index()), endpoint_(endpoint) {}

    fleet::Task<Result<fleet::HttpAnswer>> post(fleet::HttpRequest request,
                                                fleet::Until until) override {
        auto reply =
            std::make_shared<Network::HttpReply>(co_await boost::asio::this_coro::executor);
        the_world()->network->send(member_, endpoint_, std::move(request.path),
                                   std::move(request.body), reply);
        co_await reply->signal.wait(until);
        if (!reply->answer) {
            co_return fail(Errc::timed_out, "no answer in time");
        }
        co_return std::move(*reply->answer);
    }

    fleet::Task<Result<unsigned>> begin(fleet::HttpRequest request,
                                        fleet::Until /*until*/) override {
        const auto body = Json::parse(request.body)["create_request"];
        stream_ = std::make_shared<Stream>(co_await boost::asio::this_coro::executor);
        stream_->member = member_;
        stream_->endpoint = endpoint_;
        stream_->prefix = from_base64(text_field(body, "key")).value_or("");
        stream_->next =
            parse_number<etcd::Revision>(text_field(body, "start_revision")).value_or(0);
        the_world()->network->open_stream(stream_);
        co_return http_ok;
    }

    fleet::Task<Result<std::string>> more(fleet::Until until) override {
        if (stream_->inbox.empty() && !stream_->ended) {
            co_await stream_->signal.wait(until);
        }
        if (stream_->inbox.empty()) {
            co_return fail(Errc::io, "its answer has ended");
        }
        co_return std::exchange(stream_->inbox, {});
    }

  private:
    std::size_t member_;
    std::size_t endpoint_;
    std::shared_ptr<Stream> stream_;
};

} // namespace

fleet::Task<void> Signal::wait(fleet::Until until) {
    if (!rung_) {
        timer_.expires_at(until);
        (void)co_await timer_.async_wait(fleet::quietly);
    }
    rung_ = false;
}

Nanos Network::delay() {
    auto& dice = world_.dice;
    if (world_.now() < slow_until_) {
        return dice.between(Nanos(0), slowest_);
    }
    // A packet that was lost is sent again.
    return dice.chance(2) ? dice.between(milliseconds(200), milliseconds(1500))
                          : dice.between(Nanos(100'000), milliseconds(4));
}

Network::Way Network::way(std::size_t member, std::size_t endpoint) const {
    const auto of_member = member_ways_.at(member);
    return of_member == Way::open ? endpoint_ways_.at(endpoint) : of_member;
}

void Network::pass(std::size_t member, std::size_t endpoint, std::function<void()> what,
                   std::function<void()> refused) {
    switch (way(member, endpoint)) {
    case Way::open:
        world_.after(delay(), std::move(what));
        break;
    case Way::refuses:
        world_.after(delay(), std::move(refused));
        break;
    case Way::swallows:
        if (world_.dice.chance(50)) {
            held_.push_back({member, std::move(what)});
        }
        break;
    }
}

void Network::send(std::size_t member, std::size_t endpoint, std::string path, std::string body,
                   std::weak_ptr<HttpReply> reply) {
    const auto refused = [member, reply] {
        answer_to<Result<fleet::HttpAnswer>>(member, reply,
                                             fail(Errc::io, "cannot read its answer"));
    };
    pass(
        member, endpoint,
        [=, this, path = std::move(path), body = std::move(body)] {
            carry_out(member, endpoint, path, body, reply);
        },
        refused);
}

/// Without a leader it waits for one, whoever still waits for it.
void Network::carry_out(std::size_t member, std::size_t endpoint, const std::string& path,
                        const std::string& body, const std::weak_ptr<HttpReply>& reply) {
    if (world_.now() < leader_from_ && path != "connect") {
        if (world_.dice.chance(60)) {
            world_.at(leader_from_ + delay(),
                      [=, this] { carry_out(member, endpoint, path, body, reply); });
        }
        return;
    }
    const auto answer =
        path == "connect" ? std::string("{}") : world_.etcd.answer(path, body, world_.now());
    pass(
        member, endpoint,
        [member, reply, answer] {
            answer_to<Result<fleet::HttpAnswer>>(member, reply,
                                                 fleet::HttpAnswer{http_ok, answer, true});
        },
        [] {});
}

void Network::open_stream(const std::shared_ptr<Stream>& stream) {
    streams_.push_back(stream);
    pump(stream);
}

void Network::pump() {
    std::erase_if(streams_, [](const auto& stream) { return stream.expired(); });
    for (const auto& one : streams_) {
        if (const auto stream = one.lock()) {
            pump(stream);
        }
    }
}

void Network::pump(const std::shared_ptr<Stream>& stream) {
    const auto to = way(stream->member, stream->endpoint);
    if (to == Way::swallows || stream->ended) {
        return;
    }
    const auto changes = world_.etcd.changes(stream->prefix, stream->next);
    if (to == Way::open && changes.empty()) {
        return;
    }
    const bool ends = to == Way::refuses;
    stream->next = world_.etcd.revision() + 1;
    stream->last = std::max(stream->last, world_.now() + delay());
    world_.at(stream->last,
              [weak = std::weak_ptr(stream), ends, member = stream->member,
               line = ends ? std::string() : watch_line(changes, world_.etcd.revision())] {
                  the_world()->members.at(member)->deliver([weak, ends, line] {
                      if (const auto there = weak.lock()) {
                          there->inbox += line;
                          there->ended = there->ended || ends;
                          there->signal.ring();
                      }
                  });
              });
}

void Network::cut(std::size_t member, Way way) {
    member_ways_.at(member) = way;
    pump();
}

void Network::lose_leader(Nanos span) {
    leader_from_ = world_.now() + span;
    world_.at(leader_from_, [this] {
        if (world_.now() >= leader_from_) {
            world_.etcd.elect_leader(world_.now());
        }
    });
}

void Network::slow_down(Nanos most, Nanos span) {
    slowest_ = most;
    slow_until_ = world_.now() + span;
}

void Network::mend() {
    endpoint_ways_.fill(Way::open);
    slow_until_ = Nanos(0);
    for (std::size_t member = 0; member < member_ways_.size(); ++member) {
        mend(member);
    }
}

void Network::mend(std::size_t member) {
    member_ways_.at(member) = Way::open;
    std::vector<Held> held;
    std::swap(held, held_);
    for (auto& one : held) {
        if (one.member == member) {
            world_.after(delay(), std::move(one.what));
        } else {
            held_.push_back(std::move(one));
        }
    }
    pump();
}

} // namespace gw::fleet_simulation

namespace gw::fleet {

/// In place of src/fleet/wire.cpp.
Task<Result<std::unique_ptr<Wire>>> Wire::open(const FleetEndpoint& to,
                                               const FleetSettings& /*settings*/, Until until) {
    auto wire = std::make_unique<fleet_simulation::ModelWire>(to.port);
    fleet::HttpRequest knock{"connect", {}, {}};
    const auto opened = co_await wire->post(std::move(knock), until);
    if (!opened) {
        co_return std::unexpected(opened.error());
    }
    co_return std::unique_ptr<Wire>(std::move(wire));
}

} // namespace gw::fleet
