#include "supervise/s6/noted_life.hpp"

#include "sys/processes.hpp"

namespace gw::supervise {

std::optional<ProcessIdentity> noted_life(const Scandir& scandir, const ProfileName& profile,
                                          const std::optional<ProcessIdentity>& known) {
    constexpr std::size_t limit = 4096;
    const auto note = sys::read_file(scandir.directory(), profile.slot() + "/" + life_note, limit);
    const auto noted = sys::identity_in_stat(note.bytes);
    return noted && noted != known && sys::is_alive(*noted) ? noted : std::nullopt;
}

} // namespace gw::supervise
