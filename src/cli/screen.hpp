/// What is shown again and again on one terminal.
#pragma once

#include "sys/terminal.hpp"

#include <string>
#include <string_view>

namespace gw::cli {

/// `text` as a picture of the whole terminal, painted over the one before, so that nothing
/// flickers: lines are cut to its width, and of more lines than fit the last one stays, with a word
/// about those that are left out.
std::string frame_of(std::string_view text, const sys::TerminalSize& size);

/// A terminal that shows one picture after the other; what is no terminal gets one text after the
/// other. When it goes, the terminal is as it was, with the last picture on it.
class Screen {
  public:
    Screen();
    ~Screen();
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    /// False when stdout is full or closed.
    bool show(std::string_view text);

  private:
    bool terminal_;
};

} // namespace gw::cli
