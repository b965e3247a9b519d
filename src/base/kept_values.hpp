/// Values that readers of the field accept and write, and that JSON, or a number of 64 bits, cannot
/// hold: NaN and Infinity, integers of any length, numbers that are written otherwise than they
/// would be here, halves of a surrogate pair. Python's json module does. What is not ours is
/// written back to the byte: such a value is carried through the document as a marked string.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gw {

/// What carries a value that stands in a file like this.
std::string carrier_of(std::string_view as_written);

/// Whether somebody has written a carrier into a file himself: it is no file of the field then.
bool holds_carrier(std::string_view json);

/// The text with each such value in it carried, in time linear in its bytes; nullopt when there is
/// none, or where what looks like one is no value of the field either.
std::optional<std::string> carry_values(std::string_view json);

/// What the library has written, with what is carried in it as it was.
std::string uncarry_values(std::string json);

} // namespace gw
