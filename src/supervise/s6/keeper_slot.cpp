#include "supervise/s6/keeper_slot.hpp"

#include "render/keeper.hpp"
#include "supervise/s6/service_files.hpp"
#include "supervise/s6/slot.hpp"
#include "supervise/s6/tool_answer.hpp"
#include "sys/waiting.hpp"

namespace gw::supervise {

namespace {

Result<void> build(sys::Effects& effects, const Scandir& scandir, const std::string& name,
                   const std::vector<SlotFile>& files) {
    if (auto made = effects.make_directory(scandir.directory(), name, 0755); !made) {
        return made;
    }
    const auto slot = scandir.directory().find(name);
    if (!slot || !*slot) {
        return slot ? fail(Errc::not_found, scandir.path() + "/" + name + " has disappeared")
                    : std::unexpected(slot.error());
    }
    for (const auto& file : files) {
        if (auto made = effects.create_file(**slot, file.path, file.content, file.mode); !made) {
            return made;
        }
    }
    return scandir.tree() == TreeKind::own ? Result<void>{} : make_skeleton(effects, **slot, "");
}

Result<void> run_tool(sys::Effects& effects, const Argv& argv, std::chrono::milliseconds deadline) {
    const auto done = checked(argv, effects.run(argv, deadline));
    return done ? Result<void>{} : std::unexpected(done.error());
}

} // namespace

SlotContent keeper_content(const Scandir& scandir) {
    SlotContent content;
    for (const char* file : {"run", "finish", "type", "notification-fd"}) {
        auto found = sys::read_file(scandir.directory(), std::string(keeper_name) + "/" + file,
                                    slot_file_limit);
        if (found.answer == sys::FileContent::Answer::ok) {
            content.emplace(file, std::move(found.bytes));
        }
    }
    return content;
}

Result<void> write_keeper(sys::Effects& effects, const Scandir& scandir,
                          const std::vector<SlotFile>& files) {
    const sys::ExactModes exact_modes;
    const auto present = scandir.directory().find(keeper_name);
    if (!present || *present) {
        return present ? replace_files(effects, **present, files)
                       : std::unexpected(present.error());
    }
    const std::string staging = scandir_names::keeper_staging;
    auto done = build(effects, scandir, staging, files);
    done = done ? effects.publish(scandir.directory(), staging, keeper_name) : std::move(done);
    if (!done) {
        (void)effects.remove_tree(scandir.directory(), staging);
    }
    return done;
}

Result<void> raise_keeper(sys::Effects& effects, const Scandir& scandir) {
    // A supervisor listens a moment before it has written the status that s6-svwait reads.
    const auto is_taken_up = [&] {
        return scandir.supervised(keeper_name) &&
               scandir.directory().has(std::string(keeper_name) + "/supervise/status");
    };
    if (!is_taken_up()) {
        if (auto asked = rescan(effects, scandir); !asked) {
            return asked;
        }
        if (!sys::poll_until(sys::Deadline(tool_deadline), is_taken_up)) {
            return fail(Errc::timed_out,
                        "s6-svscan did not take up the service that keeps the volume",
                        "s6-svscanctl -a " + scandir.path());
        }
    }
    const std::string place = scandir.path() + "/" + keeper_name;
    if (auto up = run_tool(effects, {"s6-svc", "-u", place}, tool_deadline); !up) {
        return up;
    }
    const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(tool_deadline);
    return run_tool(effects, {"s6-svwait", "-U", "-t", std::to_string(patience.count()), place},
                    2 * patience);
}

} // namespace gw::supervise
