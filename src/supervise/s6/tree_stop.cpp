#include "supervise/s6/tree_stop.hpp"

#include "supervise/s6/noted_life.hpp"
#include "supervise/s6/service_files.hpp"
#include "supervise/s6/status_file.hpp"

namespace gw::supervise {

namespace {

/// The slots of this home, opened.
template <typename Function>
void for_each_slot(const Scandir& scandir, const store::Home& home, Function&& visit) {
    const auto listing = scandir.list();
    if (!listing) {
        return;
    }
    for (const auto& profile : listing->slots) {
        if (scandir.recognize(profile, home).kind != ObservedSlot::Kind::ours) {
            continue;
        }
        if (const auto slot = scandir.directory().find(profile.slot()); slot && *slot) {
            visit(profile, **slot);
        }
    }
}

} // namespace

Result<void> write_tree_stop(sys::Effects& effects, const Scandir& scandir,
                             const std::vector<SlotFile>& files) {
    if (auto made = effects.make_directory(scandir.directory(), scandir_names::control, 0700);
        !made) {
        return made;
    }
    const auto control = scandir.directory().find(scandir_names::control);
    if (!control || !*control) {
        return control ? fail(Errc::not_found, scandir.path() + "/.s6-svscan has disappeared")
                       : std::unexpected(control.error());
    }
    return replace_files(effects, **control, files);
}

void take_finish_away(sys::Effects& effects, const Scandir& scandir, const store::Home& home) {
    for_each_slot(scandir, home, [&](const ProfileName&, const sys::Directory& slot) {
        const auto status = sys::read_file(slot, "supervise/status", status_limit);
        const auto seen = parse_status_file(status.bytes);
        if (seen && seen->up && slot.has(life_note)) {
            (void)effects.remove_file(slot, "finish");
        }
    });
}

std::vector<UntoldEnd> untold_ends(const Scandir& scandir, const store::Home& home) {
    std::vector<UntoldEnd> ends;
    for_each_slot(scandir, home, [&](const ProfileName& profile, const sys::Directory& slot) {
        if (slot.has("finish") || !slot.has(life_note) ||
            noted_life(scandir, profile, std::nullopt)) {
            return;
        }
        const auto status = sys::read_file(slot, "supervise/status", status_limit);
        const auto seen = parse_status_file(status.bytes);
        if (seen && seen->last_exit) {
            // s6-supervise's own stamps do not follow a wall clock that is set meanwhile.
            const WallTime at{std::chrono::microseconds(status.info.changed_ns / 1000)};
            ends.push_back({profile, *seen->last_exit, at});
        }
    });
    return ends;
}

void forget_end(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile) {
    if (const auto slot = scandir.directory().find(profile.slot()); slot && *slot) {
        (void)effects.remove_file(**slot, life_note);
    }
}

} // namespace gw::supervise
