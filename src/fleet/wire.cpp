#include "fleet/wire.hpp"

#include "base/json_object.hpp"
#include "base/moment.hpp"
#include "base/text.hpp"
#include "fleet/names.hpp"
#include "sys/clock.hpp"

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <ctime>
#include <fmt/format.h>
#include <iomanip>
#include <locale>
#include <sstream>

namespace gw::fleet {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

/// What answers are read in at once.
constexpr std::size_t chunk_bytes = 16384;

std::unexpected<Error> failed(std::string_view what, const error_code& error) {
    const bool late = error == beast::error::timeout;
    return fail(late ? Errc::timed_out : Errc::io,
                fmt::format("{}: {}", what, late ? "no answer in time" : error.message()));
}

http::request<http::string_body> message_of(HttpRequest request, const std::string& host) {
    constexpr unsigned version = 11;
    http::request<http::string_body> message(http::verb::post, request.path, version);
    message.set(http::field::host, host);
    message.set(http::field::content_type, "application/json");
    if (!request.token.empty()) {
        message.set(http::field::authorization, request.token);
    }
    message.body() = std::move(request.body);
    message.prepare_payload();
    return message;
}

/// "Thu, 26 Nov 2026 20:57:12 GMT", the one form that RFC 9110 lets a server write.
std::optional<WallTime> date_in(const std::string& field) {
    std::tm broken_down{};
    std::istringstream text(field);
    text.imbue(std::locale::classic());
    text >> std::get_time(&broken_down, "%a, %d %b %Y %H:%M:%S GMT");
    return text.fail() ? std::nullopt : std::optional(from_utc(broken_down));
}

template <class Stream> class HttpWire : public Wire {
  public:
    HttpWire(Stream stream, std::string host)
        : stream_(std::move(stream)), host_(std::move(host)) {}

    Task<Result<HttpAnswer>> post(HttpRequest request, Until until) override;
    Task<Result<unsigned>> begin(HttpRequest request, Until until) override;
    Task<Result<std::string>> more(Until until) override;

  private:
    Task<Result<void>> send(HttpRequest request, Until until);

    Stream stream_;
    std::string host_;
    beast::flat_buffer buffer_;
    std::optional<http::response_parser<http::buffer_body>> stream_answer_;
    std::array<char, chunk_bytes> chunk_{};
};

template <class Stream>
Task<Result<HttpAnswer>> HttpWire<Stream>::post(HttpRequest request, Until until) {
    if (auto sent = co_await send(std::move(request), until); !sent) {
        co_return std::unexpected(std::move(sent.error()));
    }
    http::response_parser<http::string_body> parser;
    parser.body_limit(max_json_bytes);
    const auto [error, size] = co_await http::async_read(stream_, buffer_, parser, quietly);
    if (error) {
        co_return failed("cannot read its answer", error);
    }
    auto& message = parser.get();
    co_return HttpAnswer{message.result_int(), std::move(message.body()), message.keep_alive(),
                         date_in(std::string(message[http::field::date]))};
}

template <class Stream>
Task<Result<unsigned>> HttpWire<Stream>::begin(HttpRequest request, Until until) {
    if (auto sent = co_await send(std::move(request), until); !sent) {
        co_return std::unexpected(std::move(sent.error()));
    }
    stream_answer_.emplace();
    stream_answer_->body_limit(boost::none);
    const auto [error, size] =
        co_await http::async_read_header(stream_, buffer_, *stream_answer_, quietly);
    if (error) {
        co_return failed("cannot read its answer", error);
    }
    beast::get_lowest_layer(stream_).expires_never();
    co_return stream_answer_->get().result_int();
}

template <class Stream> Task<Result<std::string>> HttpWire<Stream>::more(Until until) {
    beast::get_lowest_layer(stream_).expires_at(until);
    auto& body = stream_answer_->get().body();
    while (!stream_answer_->is_done()) {
        body.data = chunk_.data();
        body.size = chunk_.size();
        const auto [error, size] =
            co_await http::async_read_some(stream_, buffer_, *stream_answer_, quietly);
        if (error && error != http::error::need_buffer) {
            co_return failed("its answer has ended", error);
        }
        if (body.size < chunk_.size()) {
            co_return std::string(chunk_.data(), chunk_.size() - body.size);
        }
    }
    co_return fail(Errc::io, "its answer has ended");
}

template <class Stream>
Task<Result<void>> HttpWire<Stream>::send(HttpRequest request, Until until) {
    beast::get_lowest_layer(stream_).expires_at(until);
    const auto message = message_of(std::move(request), host_);
    const auto [error, size] = co_await http::async_write(stream_, message, quietly);
    if (error) {
        co_return failed("cannot send the request", error);
    }
    co_return Result<void>{};
}

std::unexpected<Error> unusable(const std::string& file, const error_code& error) {
    return fail(Errc::bad_config,
                fmt::format("cannot use {}: {}", printable(file), error.message()),
                "openssl x509 -noout -subject -dates -in " + shell_quote(file));
}

/// Who may speak for etcd, and as whom this member speaks.
Result<void> load_certificates(ssl::context& context, const FleetSettings& settings) {
    error_code error;
    if (settings.ca_file.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(settings.ca_file, error);
    }
    if (error) {
        return unusable(settings.ca_file, error);
    }
    if (!settings.cert_file.empty()) {
        if (context.use_certificate_chain_file(settings.cert_file, error); error) {
            return unusable(settings.cert_file, error);
        }
        if (context.use_private_key_file(settings.key_file, ssl::context::pem, error); error) {
            return unusable(settings.key_file, error);
        }
    }
    context.set_verify_mode(ssl::verify_peer, error);
    return error ? Result<void>(unusable(settings.ca_file, error)) : Result<void>{};
}

Task<Result<std::unique_ptr<Wire>>> with_tls(beast::tcp_stream plain, const FleetEndpoint& to,
                                             const FleetSettings& settings) {
    ssl::context context(ssl::context::tls_client);
    if (auto loaded = load_certificates(context, settings); !loaded) {
        co_return std::unexpected(std::move(loaded.error()));
    }
    beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), context);
    stream.set_verify_callback(ssl::host_name_verification(to.host));
    SSL_set_tlsext_host_name(stream.native_handle(), to.host.c_str());
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, quietly);
    if (error) {
        const auto why = failed("TLS", error);
        co_return std::unexpected(
            Error(why.error())
                .advise(
                    fmt::format("openssl s_client -connect {}:{}{}", to.host, to.port,
                                settings.ca_file.empty() ? "" : " -CAfile " + settings.ca_file)));
    }
    co_return std::make_unique<HttpWire<beast::ssl_stream<beast::tcp_stream>>>(std::move(stream),
                                                                               to.host);
}

/// A peer that has gone without a word is noticed also where nothing is to be sent.
void ask_after_peer(Tcp::socket& socket) {
    error_code ignored;
    socket.set_option(asio::socket_base::keep_alive(true), ignored);
    socket.set_option(Tcp::no_delay(true), ignored);
    constexpr int idle_seconds = 10;
    constexpr int between_seconds = 5;
    constexpr int most_unanswered = 3;
    using Option = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
    using Between = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
    using Count = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
    socket.set_option(Option(idle_seconds), ignored);
    socket.set_option(Between(between_seconds), ignored);
    socket.set_option(Count(most_unanswered), ignored);
}

} // namespace

Task<Result<std::unique_ptr<Wire>>> Wire::open(const FleetEndpoint& to,
                                               const FleetSettings& settings, Until until) {
    const auto addresses = co_await find_addresses(to.host, to.port, until);
    if (!addresses) {
        co_return std::unexpected(addresses.error());
    }
    beast::tcp_stream stream(co_await asio::this_coro::executor);
    stream.expires_at(until);
    const auto [error, where] = co_await stream.async_connect(*addresses, quietly);
    if (error) {
        co_return failed("cannot connect", error);
    }
    ask_after_peer(stream.socket());
    if (to.tls) {
        co_return co_await with_tls(std::move(stream), to, settings);
    }
    co_return std::make_unique<HttpWire<beast::tcp_stream>>(std::move(stream), to.host);
}

} // namespace gw::fleet
