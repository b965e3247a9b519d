#include "supervise/s6/prepare.hpp"

#include "rules/slot_files.hpp"
#include "sys/accounts.hpp"

namespace gw::supervise {

namespace {

Result<void> open_control(sys::Effects& effects, const sys::Directory& scandir,
                          const Account& account) {
    const auto control = scandir.find(scandir_names::control);
    if (!control || !*control) {
        return control ? Result<void>{} : std::unexpected(control.error());
    }
    if (auto done = effects.set_mode(scandir, scandir_names::control, 0755); !done) {
        return done;
    }
    return (*control)->has("control")
               ? effects.set_owner(**control, "control", account.uid, account.gid)
               : Result<void>{};
}

Result<void> open_service(sys::Effects& effects, const sys::Directory& service,
                          const Account& account) {
    if (!service.only_root_can_swap_entries()) {
        return {};
    }
    const auto supervise = service.find("supervise");
    if (!supervise || !*supervise || !(*supervise)->only_root_can_swap_entries()) {
        return {};
    }
    if (auto done = effects.set_mode(service, "supervise", skeleton::supervise_mode); !done) {
        return done;
    }
    if (auto done = effects.set_owner(**supervise, "control", 0, account.gid); !done) {
        return done;
    }
    return effects.set_mode(**supervise, "control", skeleton::control_mode);
}

/// The init's own services: who can stop these can stop the container, or its other services.
bool is_of_the_init(std::string_view name) {
    return name.starts_with("s6-linux-init-") || name.starts_with("s6rc-");
}

} // namespace

Result<void> prepare_scandir(sys::Effects& effects, const std::string& scandir,
                             const Account& account) {
    if (sys::effective_uid() != 0) {
        return effects.make_path(scandir);
    }
    if (auto made = effects.make_path(scandir); !made) {
        return made.error().code == Errc::not_permitted ? Result<void>{} : made;
    }
    const auto directory = sys::Directory::open(scandir);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    if (account.uid == 0 || !directory->only_root_can_swap_entries()) {
        return {};
    }
    if (auto done = open_control(effects, *directory, account); !done) {
        return done;
    }
    return effects.set_owner(*directory, ".", account.uid, account.gid);
}

Result<Scandir> make_scandir(sys::Effects& effects, const std::string& path, TreeKind kind) {
    if (auto made = effects.make_path(path); !made) {
        return std::unexpected(std::move(made.error()));
    }
    const auto directory = sys::Directory::open(path);
    if (kind == TreeKind::own && !(directory && directory->has(own_tree_mark))) {
        auto marked = directory ? effects.replace_file(*directory, own_tree_mark, "",
                                                       sys::Durability::volatile_)
                                : std::unexpected(directory.error());
        if (!marked) {
            return std::unexpected(std::move(marked.error()).within("cannot use the scandir"));
        }
    }
    auto scandir = Scandir::open(path);
    if (!scandir || !*scandir) {
        return scandir ? fail(Errc::bad_config, "the scandir " + path + " is missing")
                       : std::unexpected(std::move(scandir.error()));
    }
    return std::move(**scandir);
}

Result<void> open_static_services(sys::Effects& effects, const std::string& scandir,
                                  const Account& account) {
    const auto directory = sys::Directory::open(scandir);
    if (!directory) {
        return std::unexpected(directory.error());
    }
    if (account.uid == 0 || !directory->only_root_can_swap_entries()) {
        return {};
    }
    const auto entries = directory->list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    Result<void> result;
    for (const auto& entry : *entries) {
        if (entry.name.starts_with('.') || is_of_the_init(entry.name)) {
            continue;
        }
        // s6-rc's services are symlinks of root's in root's directory: those are followed.
        const auto service = sys::Directory::open(directory->path_of(entry.name));
        if (!service) {
            continue;
        }
        for (const std::string part : {".", "log"}) {
            const auto place = service->find(part);
            if (!place || !*place) {
                continue;
            }
            if (auto done = open_service(effects, **place, account); !done) {
                result = std::move(done);
            }
        }
    }
    return result;
}

} // namespace gw::supervise
