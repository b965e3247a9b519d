#include "fleet/names.hpp"

#include "base/text.hpp"

#include <atomic>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>
#include <memory>
#include <netdb.h>
#include <thread>

namespace gw::fleet {

namespace {

namespace ip = boost::asio::ip;

/// What the asking thread and who waits for it have in common.
struct Question {
    explicit Question(std::string name) : host(std::move(name)) {}
    std::string host;
    std::vector<ip::address> found{};
    std::string problem{};
    std::atomic<bool> answered{false};
};

/// Asking costs a thread; nobody hears of its end but by looking.
constexpr std::chrono::milliseconds between_looks{5};

void ask(Question& question) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* list = nullptr;
    const int failed = ::getaddrinfo(question.host.c_str(), nullptr, &wanted, &list);
    if (failed != 0) {
        question.problem = ::gai_strerror(failed);
    }
    for (const auto* one = list; one != nullptr; one = one->ai_next) {
        ip::tcp::endpoint endpoint;
        endpoint.resize(one->ai_addrlen);
        std::copy_n(reinterpret_cast<const char*>(one->ai_addr), one->ai_addrlen,
                    reinterpret_cast<char*>(endpoint.data()));
        question.found.push_back(endpoint.address());
    }
    if (list != nullptr) {
        ::freeaddrinfo(list);
    }
    question.answered.store(true, std::memory_order_release);
}

} // namespace

Task<Result<std::vector<ip::tcp::endpoint>>> find_addresses(std::string host, std::uint16_t port,
                                                            Until until) {
    boost::system::error_code is_name;
    if (const auto address = ip::make_address(host, is_name); !is_name) {
        co_return std::vector{ip::tcp::endpoint(address, port)};
    }
    const auto question = std::make_shared<Question>(host);
    std::thread([question] { ask(*question); }).detach();
    while (!question->answered.load(std::memory_order_acquire)) {
        if (std::chrono::steady_clock::now() >= until) {
            co_return fail(Errc::timed_out, "nobody knows the name in time: " + printable(host),
                           "getent hosts " + shell_quote(host));
        }
        co_await pause_for(between_looks);
    }
    if (question->found.empty()) {
        co_return fail(Errc::not_found, fmt::format("{}: {}", printable(host), question->problem),
                       "getent hosts " + shell_quote(host));
    }
    std::vector<ip::tcp::endpoint> endpoints;
    for (const auto& address : question->found) {
        endpoints.emplace_back(address, port);
    }
    co_return endpoints;
}

} // namespace gw::fleet
