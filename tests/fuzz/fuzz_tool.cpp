/// What other programs and the kernel answer. The first byte names the parser.
#include "base/kept_values.hpp"
#include "base/time_words.hpp"
#include "fuzz.hpp"
#include "rules/gateway_command.hpp"
#include "rules/last_life.hpp"
#include "rules/port.hpp"
#include "rules/retirement.hpp"
#include "rules/svscan_limit.hpp"
#include "rules/tree.hpp"
#include "supervise/host/launchctl.hpp"
#include "supervise/host/systemctl.hpp"
#include "supervise/s6/status_file.hpp"
#include "supervise/s6/svstat.hpp"
#include "supervise/s6/version.hpp"
#include "sys/processes.hpp"

#include <array>

using namespace gw;

namespace {

Argv words_in(std::string_view text) {
    Argv words(1);
    for (const char c : text) {
        c == '\0' ? void(words.emplace_back()) : words.back().push_back(c);
    }
    return words;
}

void require_sane(const ObservedService& service) {
    fuzz::require(!service.process || service.process->pid.value > 0);
}

void s6_svstat(std::string_view text) {
    if (const auto service = supervise::parse_svstat(text)) {
        require_sane(*service);
    }
}

void s6_status(std::string_view text) {
    if (const auto service = supervise::parse_status_file(text)) {
        require_sane(*service);
    }
}

void s6_words(std::string_view text) {
    (void)supervise::s6_version_in(text);
    (void)svscan_capacity(text, text.size());
    const auto limit = svscan_limit(words_in(text), "/run/service");
    fuzz::require(!limit || limit->services >= 0);
}

void systemd(std::string_view text) {
    for (const auto& [key, value] : supervise::parse_properties(text)) {
        fuzz::require(key.find('\n') == std::string::npos && value.find('\n') == std::string::npos);
    }
    (void)supervise::ends_unit(text, "gateway-mail.service");
}

void launchd(std::string_view text) {
    const auto job = supervise::parse_launchd_job(text);
    fuzz::require(!job.pid || job.pid->value > 0);
    require_sane(supervise::observed_job(job));
    (void)supervise::lists_as_disabled(text, "org.gateway.mail");
}

void proc_stat(std::string_view text) {
    const auto identity = sys::identity_in_stat(text);
    fuzz::require(!identity || identity->pid.value > 0);
}

void command_line(std::string_view text) {
    if (const auto command = parse_gateway_command(words_in(text))) {
        (void)serves(*command, "/home/profiles/mail");
    }
}

void clean_note(std::string_view text) {
    const auto note = parse_clean_note(text, WallTime{});
    if (note.life) {
        const auto again = parse_clean_note(clean_note_text(note.progress, *note.life), WallTime{});
        fuzz::require(again.life == note.life);
    }
}

void slot_origin(std::string_view text) {
    if (const auto origin = parse_slot_origin(text)) {
        fuzz::require(parse_slot_origin(to_text(*origin)) == origin);
    }
}

void ports(std::string_view text) {
    if (const auto ranges = parse_port_ranges(text)) {
        fuzz::require(parse_port_ranges(to_string(*ranges)) == ranges);
        const auto port = choose_port(ProfileName::root(), {}, *ranges);
        fuzz::require(ranges->empty() || (port && *port > 0));
    }
}

void past(std::string_view text) {
    const WallTime now{std::chrono::hours(500'000)};
    (void)parse_past(text, now);
}

void kept_values(std::string_view text) {
    if (holds_carrier(text)) {
        return;
    }
    if (const auto carried = carry_values(text)) {
        fuzz::require(uncarry_values(*carried) == text);
    }
}

constexpr std::array parsers = {s6_svstat,   s6_status, s6_words,     systemd,
                                launchd,     proc_stat, command_line, clean_note,
                                slot_origin, ports,     past,         kept_values};

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::as_text(data, size);
    if (!text.empty() && text.front() >= 'a') {
        const auto number = static_cast<std::size_t>(text.front() - 'a');
        if (number < parsers.size()) {
            parsers.at(number)(text.substr(1));
        }
    }
    return 0;
}
