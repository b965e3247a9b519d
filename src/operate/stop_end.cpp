#include "operate/stop_end.hpp"

#include "store/lifecycle.hpp"

namespace gw::operate {

NoteBefore note_before_stop(const store::Home& home, const ProfileName& profile) {
    const auto directory = home.find(profile);
    const auto info = directory && *directory ? (*directory)->info(store::clean_shutdown_file_name)
                                              : Result<NoteBefore>{};
    return info.value_or(std::nullopt);
}

StopVerdict stop_verdict(const store::Home& home, const ProfileName& profile,
                         const NoteBefore& before, const ObservedService& service) {
    const auto exit = service.supervised && !service.up ? service.last_exit : std::nullopt;
    const auto directory = home.find(profile);
    const auto now = note_before_stop(home, profile);
    const bool written = now && (!before || before->identity != now->identity ||
                                 before->changed_ns != now->changed_ns);
    return judge_stop(exit, written && directory && *directory ? store::read_stop_note(**directory)
                                                               : std::nullopt);
}

} // namespace gw::operate
