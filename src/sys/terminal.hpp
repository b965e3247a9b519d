/// The terminal that somebody looks at, and the keys by which he has enough of it.
#pragma once

#include <chrono>
#include <csignal>
#include <cstddef>
#include <optional>

namespace gw::sys {

struct TerminalSize {
    std::size_t rows = 0;
    std::size_t columns = 0;
};

/// nullopt: it is no terminal. One that does not tell its size has 24 rows of 80.
std::optional<TerminalSize> terminal_size(int fd);

/// While it lives, Ctrl-C and the other ways to end a program that shows something are asked for
/// instead of ending it, so that it can leave the terminal as it was.
class Interruptions {
  public:
    Interruptions();
    ~Interruptions();
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

    enum class News { none, resized, end };
    /// Waits at most `limit` for one.
    [[nodiscard]] News wait(std::chrono::milliseconds limit) const;

  private:
    sigset_t awaited_{};
    sigset_t before_{};
};

} // namespace gw::sys
