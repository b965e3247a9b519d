#include "supervise/s6/slot.hpp"

#include "base/text.hpp"
#include "sys/waiting.hpp"

namespace gw::supervise {

namespace {

constexpr std::chrono::seconds lock_deadline{60};

/// A tool that answers non-zero becomes an error with its own words.
Result<void> run_tool(sys::Effects& effects, const Argv& argv) {
    const auto output = effects.run(argv, tool_deadline);
    if (!output) {
        return std::unexpected(output.error());
    }
    if (output->exit_code != 0) {
        return fail(Errc::command_failed, shell_join(argv) + " failed with code " +
                                              std::to_string(output->exit_code) + ": " +
                                              printable(trimmed(output->err)));
    }
    return {};
}

} // namespace

Result<void> make_skeleton(sys::Effects& effects, const sys::Directory& slot,
                           const std::string& part) {
    if (auto made = effects.make_directory(slot, part + "supervise", skeleton::supervise_mode);
        !made) {
        return made;
    }
    if (auto made = effects.make_directory(slot, part + "event", skeleton::event_mode); !made) {
        return made;
    }
    return effects.make_fifo(slot, part + "supervise/control", skeleton::control_mode);
}

namespace {

Result<void> make_skeletons(sys::Effects& effects, const sys::Directory& slot) {
    for (const std::string part : skeleton::parts) {
        if (auto made = make_skeleton(effects, slot, part); !made) {
            return made;
        }
    }
    return {};
}

Result<sys::Directory> open_slot(const Scandir& scandir, const std::string& name) {
    auto slot = scandir.directory().find(name);
    if (!slot) {
        return std::unexpected(slot.error());
    }
    if (!*slot) {
        return fail(Errc::not_found, scandir.path() + "/" + name + " has disappeared");
    }
    return std::move(**slot);
}

/// A directory of the staging name with these files in it.
Result<sys::Directory> stage(sys::Effects& effects, const Scandir& scandir,
                             const std::string& staging, const std::vector<SlotFile>& files) {
    if (auto made = effects.make_directory(scandir.directory(), staging, 0755); !made) {
        return std::unexpected(made.error());
    }
    auto slot = open_slot(scandir, staging);
    if (!slot) {
        return slot;
    }
    if (auto made = effects.make_directory(*slot, "log", 0755); !made) {
        return std::unexpected(made.error());
    }
    for (const auto& file : files) {
        if (file.content.size() > slot_file_limit) {
            return fail(Errc::unsupported, file.path + " of the slot would have " +
                                               std::to_string(file.content.size()) +
                                               " bytes, and at most " +
                                               std::to_string(slot_file_limit) + " are read back");
        }
        if (auto made = effects.create_file(*slot, file.path, file.content, file.mode); !made) {
            return std::unexpected(made.error());
        }
    }
    return slot;
}

Result<void> build(sys::Effects& effects, const Scandir& scandir, const std::string& staging,
                   const std::vector<SlotFile>& files) {
    const auto slot = stage(effects, scandir, staging, files);
    if (!slot || scandir.tree() == TreeKind::own) {
        return slot ? Result<void>{} : std::unexpected(slot.error());
    }
    return make_skeletons(effects, *slot);
}

/// Files are made whole in the staging directory and renamed into the slot one by one, so that what
/// an interruption leaves is a staging directory, never litter in a slot.
Result<void> replace_files(sys::Effects& effects, const Scandir& scandir,
                           const std::string& staging, const sys::Directory& slot,
                           const std::vector<SlotFile>& files) {
    const auto staged = stage(effects, scandir, staging, files);
    if (!staged) {
        return std::unexpected(staged.error());
    }
    for (const auto& file : files) {
        if (auto moved = effects.rename(*staged, file.path, slot, file.path); !moved) {
            return moved;
        }
    }
    return {};
}

} // namespace

Result<sys::FileLock> lock_scandir(sys::Effects& effects, const Scandir& scandir) {
    return sys::FileLock::acquire(effects, scandir.directory(), scandir_names::lock, lock_deadline);
}

Result<void> create_slot(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile,
                         const std::vector<SlotFile>& files) {
    const sys::ExactModes exact_modes;
    const std::string staging = scandir_names::staging(profile);
    auto done = build(effects, scandir, staging, files);
    if (done) {
        done = effects.publish(scandir.directory(), staging, profile.slot());
    }
    if (!done) {
        // The error that matters is the first one; what cannot be removed is a leftover.
        (void)effects.remove_tree(scandir.directory(), staging);
    }
    return done;
}

Result<void> update_slot(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile,
                         const UpdateSlot& update) {
    const sys::ExactModes exact_modes;
    const auto slot = open_slot(scandir, profile.slot());
    if (!slot) {
        return std::unexpected(slot.error());
    }
    if (auto made = effects.make_directory(*slot, "log", 0755); !made) {
        return made;
    }
    if (update.complete_skeleton) {
        if (auto made = make_skeletons(effects, *slot); !made) {
            return made;
        }
    }
    if (!update.write.empty()) {
        const std::string staging = scandir_names::staging(profile);
        auto done = replace_files(effects, scandir, staging, *slot, update.write);
        auto cleaned = effects.remove_tree(scandir.directory(), staging);
        if (!done || !cleaned) {
            return done ? cleaned : done;
        }
    }
    for (const auto& path : update.remove) {
        if (auto removed = effects.remove_file(*slot, path); !removed) {
            return removed;
        }
    }
    return {};
}

Result<void> rescan(sys::Effects& effects, const Scandir& scandir) {
    return run_tool(effects, {"s6-svscanctl", "-a", scandir.path()});
}

Result<void> end_svscan(sys::Effects& effects, const Scandir& scandir) {
    return run_tool(effects, {"s6-svscanctl", "-t", scandir.path()});
}

Result<void> end_supervisors(sys::Effects& effects, const Scandir& scandir,
                             const std::string& name) {
    Result<void> result;
    for (const std::string part : {"", "/log"}) {
        const std::string service = name + part;
        if (sys::reader_of_fifo(scandir.directory(), service + "/supervise/control") ==
            sys::FifoReader::there) {
            auto told = run_tool(effects, {"s6-svc", "-dx", scandir.path() + "/" + service});
            result = result ? std::move(told) : result;
        }
    }
    return result;
}

Result<void> bring_up(sys::Effects& effects, const Scandir& scandir, const ProfileName& profile) {
    const std::string slot = scandir.path() + "/" + profile.slot();
    for (const std::string part : {"/log", ""}) {
        if (auto done = run_tool(effects, {"s6-svc", "-U", slot + part}); !done) {
            return done;
        }
    }
    return {};
}

namespace {

Result<void> remove_when_unsupervised(sys::Effects& effects, const Scandir& scandir,
                                      const std::string& name, const sys::Deadline& end) {
    if (!sys::poll_until(end, [&] { return !scandir.supervised(name); })) {
        return fail(Errc::timed_out,
                    "the supervisor of " + scandir.path() + "/" + name + " is still there",
                    "s6-svstat " + scandir.path() + "/" + name);
    }
    return effects.remove_tree(scandir.directory(), name);
}

Result<void> drop_from_supervision(sys::Effects& effects, const Scandir& scandir) {
    return scandir.supervisor_live() ? run_tool(effects, {"s6-svscanctl", "-an", scandir.path()})
                                     : Result<void>{};
}

} // namespace

std::vector<SlotFailure> retire_slots(sys::Effects& effects, const Scandir& scandir,
                                      const std::vector<ProfileName>& profiles,
                                      std::chrono::milliseconds deadline) {
    std::vector<SlotFailure> failures;
    std::vector<ProfileName> renamed;
    const sys::Deadline end(deadline);
    for (const auto& profile : profiles) {
        const std::string name = scandir_names::retired(profile);
        auto done = remove_when_unsupervised(effects, scandir, name, end);
        if (done) {
            done = effects.rename(scandir.directory(), profile.slot(), scandir.directory(), name);
        }
        if (done) {
            renamed.push_back(profile);
        } else {
            failures.push_back({profile, done.error()});
        }
    }
    const auto dropped = renamed.empty() ? Result<void>{} : drop_from_supervision(effects, scandir);
    for (const auto& profile : renamed) {
        const std::string name = scandir_names::retired(profile);
        // Without a supervisor there is nothing to wait for.
        auto done = dropped || !scandir.supervised(name)
                        ? remove_when_unsupervised(effects, scandir, name, end)
                        : dropped;
        if (!done) {
            failures.push_back({profile, done.error()});
        }
    }
    return failures;
}

Result<void> clean_leftover(sys::Effects& effects, const Scandir& scandir, const std::string& name,
                            std::chrono::milliseconds deadline) {
    const sys::Deadline end(deadline);
    if (scandir.supervised(name)) {
        if (auto dropped = drop_from_supervision(effects, scandir); !dropped) {
            return dropped;
        }
    }
    return remove_when_unsupervised(effects, scandir, name, end);
}

} // namespace gw::supervise
