#include "fleet/etcd.hpp"

#include "base/text.hpp"
#include "rules/backoff.hpp"
#include "sys/directory.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace gw::fleet {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr unsigned http_ok = 200;
constexpr std::size_t longest_password = 4096;

Result<std::string> read_password(const std::string& path) {
    const auto slash = path.rfind('/');
    const auto parent = sys::Directory::open(slash == std::string::npos ? "."
                                             : slash == 0               ? "/"
                                                                        : path.substr(0, slash));
    if (!parent) {
        return std::unexpected(parent.error());
    }
    auto content = sys::read_file(*parent, path.substr(slash + 1), longest_password);
    if (content.answer != sys::FileContent::Answer::ok) {
        return fail(Errc::bad_config,
                    fmt::format("cannot read the password in {}: {}", printable(path),
                                content.problem.empty() ? "it is not there" : content.problem),
                    "ls -l " + shell_quote(path));
    }
    return std::string(trimmed(content.bytes));
}

} // namespace

Etcd::Etcd(const FleetSettings& settings, milliseconds patience)
    : settings_(settings), patience_(patience), dice_(std::random_device{}()) {
    // Not every member of a fleet goes to the same member of etcd first.
    endpoint_ = settings.endpoints.empty() ? 0 : dice_() % settings.endpoints.size();
}

const FleetEndpoint& Etcd::endpoint() const {
    return settings_.endpoints[endpoint_];
}

Error Etcd::at_endpoint(Error error) const {
    auto next = error.next.empty() ? "curl " + to_string(endpoint()) + "/health" : error.next;
    return std::move(error).within("etcd at " + to_string(endpoint())).advise(next);
}

/// The connection is kept only after an answer that was understood.
Task<Etcd::Attempt> Etcd::exchange(std::string path, std::string body, Until until) {
    if (!wire_) {
        auto wire = co_await Wire::open(endpoint(), settings_, until);
        if (!wire) {
            const bool passing = wire.error().code != Errc::bad_config;
            co_return Attempt{std::unexpected(at_endpoint(std::move(wire.error()))), passing};
        }
        wire_ = std::move(*wire);
    }
    auto wire = std::exchange(wire_, nullptr);
    HttpRequest request{std::move(path), token_, std::move(body)};
    auto answer = co_await wire->post(std::move(request), until);
    if (!answer) {
        co_return Attempt{std::unexpected(at_endpoint(std::move(answer.error()))), true};
    }
    date_ = answer->date;
    auto json = parse_json_object(answer->body);
    const auto refusal = json ? etcd::read_refusal(*json) : std::nullopt;
    if (refusal) {
        if (refusal->wants_new_token()) {
            token_.clear();
        }
        co_return Attempt{std::unexpected(at_endpoint(etcd::to_error(*refusal))),
                          refusal->is_passing() || refusal->wants_new_token()};
    }
    if (!json || answer->status != http_ok) {
        co_return Attempt{std::unexpected(at_endpoint(
                              {Errc::corrupt,
                               fmt::format("it answers with status {} and no word of etcd's: '{}'",
                                           answer->status, printable(shortened(answer->body))),
                               {}})),
                          true};
    }
    if (answer->keeps_open) {
        wire_ = std::move(wire);
    }
    co_return Attempt{std::move(*json)};
}

Task<Etcd::Attempt> Etcd::log_in(Until until) {
    const auto password = read_password(settings_.password_file);
    if (!password) {
        co_return Attempt{std::unexpected(password.error())};
    }
    const auto request = etcd::authenticate(settings_.user, *password);
    auto attempt = co_await exchange(std::string(request.path), request.body.dump(), until);
    if (attempt.answer) {
        auto token = etcd::read_token(*attempt.answer);
        if (!token) {
            co_return Attempt{std::unexpected(at_endpoint(std::move(token.error()))), true};
        }
        token_ = std::move(*token);
    } else if (attempt.answer.error().code != Errc::timed_out) {
        attempt.answer.error() = std::move(attempt.answer.error())
                                     .within("cannot log in as " + printable(settings_.user));
    }
    co_return attempt;
}

Task<Etcd::Attempt> Etcd::try_once(const etcd::Request& request, Until until) {
    if (!settings_.user.empty() && token_.empty()) {
        auto logged_in = co_await log_in(until);
        if (!logged_in.answer) {
            co_return logged_in;
        }
    }
    co_return co_await exchange(std::string(request.path), request.body.dump(), until);
}

Task<Result<Json>> Etcd::ask(etcd::Request request) {
    if (const auto problems = problems_of(settings_); !problems.empty()) {
        co_return fail(Errc::bad_config, "the fleet is not configured: " + problems.front(),
                       "gatewayctl config check");
    }
    const auto count = settings_.endpoints.size();
    const auto end = steady_clock::now() + patience_;
    // A member that does not answer leaves time for another one.
    const auto share = patience_ / static_cast<milliseconds::rep>(std::max<std::size_t>(2, count));
    for (unsigned tries = 1;; ++tries) {
        auto attempt = co_await try_once(request, std::min(end, steady_clock::now() + share));
        if (attempt.answer || !attempt.passing) {
            co_return std::move(attempt.answer);
        }
        const bool renews_token = !settings_.user.empty() && token_.empty() && wire_;
        if (!renews_token) {
            wire_.reset();
            endpoint_ = (endpoint_ + 1) % count;
        }
        const auto rounds = tries / static_cast<unsigned>(count);
        const auto roll = std::uniform_real_distribution<double>(0, 1)(dice_);
        const auto wait = tries % count == 0 ? backoff(rounds, roll, share) : milliseconds(0);
        if (steady_clock::now() + wait >= end) {
            co_return std::move(attempt.answer);
        }
        co_await pause_for(wait);
    }
}

Task<Result<std::string>> Etcd::token() {
    if (settings_.user.empty()) {
        co_return std::string();
    }
    token_.clear();
    const auto attempt = co_await log_in(steady_clock::now() + patience_);
    co_return attempt.answer ? Result<std::string>(token_)
                             : std::unexpected(attempt.answer.error());
}

Task<Result<etcd::Lease>> Etcd::grant(seconds ttl) {
    const auto answer = co_await ask(etcd::grant(ttl));
    co_return answer ? etcd::read_grant(*answer) : std::unexpected(answer.error());
}

Task<Result<seconds>> Etcd::keep_alive(etcd::LeaseId lease) {
    const auto answer = co_await ask(etcd::keep_alive(lease));
    co_return answer ? etcd::read_keep_alive(*answer) : std::unexpected(answer.error());
}

Task<Result<etcd::LeaseTime>> Etcd::time_to_live(etcd::LeaseId lease) {
    const auto answer = co_await ask(etcd::time_to_live(lease));
    co_return answer ? etcd::read_time_to_live(*answer) : std::unexpected(answer.error());
}

Task<Result<void>> Etcd::revoke(etcd::LeaseId lease) {
    const auto answer = co_await ask(etcd::revoke(lease));
    const bool is_gone = answer || answer.error().code == Errc::not_found;
    co_return is_gone ? Result<void>{} : std::unexpected(answer.error());
}

Task<Result<etcd::Range>> Etcd::range_of_key(std::string key) {
    const auto answer = co_await ask(etcd::range_of_key(key));
    co_return answer ? etcd::read_range(*answer) : std::unexpected(answer.error());
}

Task<Result<etcd::Range>> Etcd::range_of_prefix(std::string prefix) {
    etcd::Range all;
    etcd::Page page;
    do {
        const auto answer = co_await ask(etcd::range_of_prefix(prefix, page));
        auto part = answer ? etcd::read_range(*answer)
                           : Result<etcd::Range>(std::unexpected(answer.error()));
        if (!part) {
            co_return part;
        }
        all.revision = page.at == 0 ? part->revision : page.at;
        all.more = part->more && !part->entries.empty();
        std::ranges::move(part->entries, std::back_inserter(all.entries));
        if (all.more) {
            page = {all.entries.back().key + '\0', all.revision};
        }
    } while (all.more);
    co_return all;
}

Task<Result<etcd::Claim>> Etcd::claim(std::string key, std::string value, etcd::LeaseId lease) {
    const auto answer = co_await ask(etcd::claim(key, value, lease));
    auto claim =
        answer ? etcd::read_claim(*answer) : Result<etcd::Claim>(std::unexpected(answer.error()));
    if (claim && claim->there && claim->there->lease == lease && lease != 0) {
        co_return etcd::Claim{true, claim->there->mod_revision};
    }
    co_return claim;
}

Task<Result<bool>> Etcd::release(std::string key, etcd::Revision mod_revision) {
    const auto answer = co_await ask(etcd::release(key, mod_revision));
    co_return answer ? etcd::read_release(*answer) : std::unexpected(answer.error());
}

Task<Result<void>> Etcd::put(std::string key, std::string value, etcd::LeaseId lease) {
    const auto answer = co_await ask(etcd::put(key, value, lease));
    co_return answer ? Result<void>{} : std::unexpected(answer.error());
}

Task<Result<Etcd::MemberStatus>> Etcd::status() {
    const auto answer = co_await ask(etcd::status());
    const auto status =
        answer ? etcd::read_status(*answer) : Result<etcd::Status>(std::unexpected(answer.error()));
    co_return status ? Result<MemberStatus>({*status, date_}) : std::unexpected(status.error());
}

Task<Result<void>> Etcd::erase(std::string key) {
    const auto answer = co_await ask(etcd::erase(key));
    co_return answer ? Result<void>{} : std::unexpected(answer.error());
}

} // namespace gw::fleet
