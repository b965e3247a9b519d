#include "sys/terminal.hpp"

#include "sys/platform.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

namespace gw::sys {

std::optional<TerminalSize> terminal_size(int fd) {
    if (::isatty(fd) != 1) {
        return std::nullopt;
    }
    winsize size{};
    const bool tells = ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
    return tells ? TerminalSize{size.ws_row, size.ws_col} : TerminalSize{24, 80};
}

Interruptions::Interruptions() {
    sigemptyset(&awaited_);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) {
        sigaddset(&awaited_, signal);
    }
    (void)::pthread_sigmask(SIG_BLOCK, &awaited_, &before_);
}

Interruptions::~Interruptions() {
    (void)::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

Interruptions::News Interruptions::wait(std::chrono::milliseconds limit) const {
    const auto signal = platform::wait_for_signal(awaited_, limit);
    return !signal ? News::none : *signal == SIGWINCH ? News::resized : News::end;
}

} // namespace gw::sys
