#include "sys/log.hpp"

#include "base/text.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace gw::sys {

void start_log(Verbosity verbosity, bool colour) {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>(
        colour ? spdlog::color_mode::always : spdlog::color_mode::never);
    auto logger = std::make_shared<spdlog::logger>("gatewayctl", std::move(sink));
    logger->set_pattern("%n: %^%l%$: %v");
    logger->set_level(verbosity == Verbosity::quiet     ? spdlog::level::err
                      : verbosity == Verbosity::verbose ? spdlog::level::debug
                                                        : spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
}

void log_debug(std::string_view message) {
    spdlog::debug(message);
}
void log_info(std::string_view message) {
    spdlog::info(message);
}
void log_warning(std::string_view message) {
    spdlog::warn(message);
}
void log_error(std::string_view message) {
    spdlog::error(message);
}
void log_error(const Error& error) {
    log_error(printable(error.message));
    if (!error.next.empty()) {
        log_error("next: " + printable(error.next));
    }
}

} // namespace gw::sys
