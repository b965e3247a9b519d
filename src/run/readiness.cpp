#include "run/readiness.hpp"

#include "sys/log.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace gw::run {

Readiness::Readiness(const RunOptions& options)
    : options_(options), number_(options.notification_fd.value_or(s6_customary_fd)) {
    if (options.notification_fd) {
        supervisor_fd_ = sys::take_notification_fd(number_);
    }
    is_number_free_ = !sys::is_inherited(number_);
    if (!is_number_free_ && !options.ready_after) {
        sys::log_warning(fmt::format("descriptor {} is something else already: only READY=1 to "
                                     "NOTIFY_SOCKET counts (--notification-fd FD names another)",
                                     number_));
    }
}

bool Readiness::is_news_awaited() const {
    return options_.supervision == Supervision::supervised || options_.notify_socket ||
           !options_.ready_after;
}

sys::ChildSetup Readiness::prepare() {
    sys::ChildSetup setup;
    if (options_.home_variable) {
        setup.environment.emplace_back("HOME", *options_.home_variable);
    }
    said_ready_ = false;
    silent_.reset();
    pipe_.reset();
    if (supervisor_fd_ || (is_news_awaited() && is_number_free_)) {
        if (auto pipe = sys::make_pipe()) {
            pipe_ = std::move(*pipe);
            setup.descriptor = {pipe_->write_end.get(), number_};
        }
    }
    if (is_news_awaited()) {
        if (auto listener = sys::NotifyListener::open()) {
            listener_ = std::move(*listener);
            setup.environment.emplace_back("NOTIFY_SOCKET", listener_->address());
        }
    }
    return setup;
}

void Readiness::started() {
    if (pipe_) {
        pipe_->write_end.reset();
    }
    if (options_.ready_after) {
        silent_.emplace(*options_.ready_after);
    }
}

void Readiness::pass_on(const std::string& message) {
    std::string rest;
    for (std::size_t begin = 0; begin < message.size();) {
        const auto end = std::min(message.find('\n', begin), message.size());
        const auto line = std::string_view(message).substr(begin, end - begin);
        if (line == "READY=1") {
            said_ready_ = true;
        } else if (!line.empty() && !line.starts_with("MAINPID=")) {
            rest += std::string(line) + "\n";
        }
        begin = end + 1;
    }
    if (options_.notify_socket && !rest.empty()) {
        sys::notify_supervisor(*options_.notify_socket, rest);
    }
}

bool Readiness::look() {
    if (pipe_) {
        switch (sys::read_notification(pipe_->read_end)) {
        case sys::PipeNews::newline:
            said_ready_ = true;
            pipe_.reset();
            break;
        case sys::PipeNews::closed:
            pipe_.reset();
            break;
        case sys::PipeNews::nothing:
            break;
        }
    }
    while (listener_) {
        const auto message = listener_->next();
        if (!message) {
            break;
        }
        pass_on(*message);
    }
    return said_ready_ || (silent_ && silent_->passed());
}

std::optional<milliseconds> Readiness::left() const {
    return silent_ ? std::optional(silent_->left()) : std::nullopt;
}

void Readiness::announce_ready() {
    silent_.reset();
    if (supervisor_fd_) {
        sys::tell_ready(*supervisor_fd_);
    }
    if (options_.notify_socket) {
        sys::notify_supervisor(*options_.notify_socket,
                               fmt::format("READY=1\nMAINPID={}\n", ::getpid()));
    }
}

void Readiness::announce_stopping() {
    if (options_.notify_socket) {
        sys::notify_supervisor(*options_.notify_socket, "STOPPING=1\n");
    }
}

} // namespace gw::run
