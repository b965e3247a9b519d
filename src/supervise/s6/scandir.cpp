#include "supervise/s6/scandir.hpp"

#include "base/text.hpp"
#include "render/slot.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace gw::supervise {

namespace scandir_names {

namespace {
constexpr std::string_view staging_suffix = ".new";
constexpr std::string_view retired_suffix = ".gone";
} // namespace

std::string staging(const ProfileName& profile) {
    return "." + profile.slot() + std::string(staging_suffix);
}
std::string retired(const ProfileName& profile) {
    return "." + profile.slot() + std::string(retired_suffix);
}
bool is_leftover(const std::string& name) {
    return name.starts_with("." + std::string(ProfileName::slot_prefix)) &&
           (name.ends_with(staging_suffix) || name.ends_with(retired_suffix));
}

} // namespace scandir_names

namespace {

/// Files that `render_slot` may make; nothing else in a slot is looked at. The first of them tell
/// whose it is, and whether it says when it is ready.
constexpr std::array slot_files = {"run",
                                   "notification-fd",
                                   "finish",
                                   "type",
                                   "timeout-kill",
                                   "timeout-finish",
                                   "max-death-tally",
                                   "log/run",
                                   "log/type",
                                   "down",
                                   "log/down"};
constexpr auto telling_files = std::span(slot_files).first<2>();

bool skeleton_is_complete(const sys::Directory& slot) {
    return std::all_of(std::begin(skeleton::parts), std::end(skeleton::parts),
                       [&](const std::string& part) {
                           return slot.has(part + "event") && slot.has(part + "supervise/control");
                       });
}

/// What s6-supervise reads as long as it lives.
std::string control_of(const std::string& directory, const char* part) {
    return directory + "/" + part + "supervise/control";
}

ObservedSlot untouchable(ObservedSlot::Kind kind, std::string why) {
    ObservedSlot slot;
    slot.kind = kind;
    slot.detail = std::move(why);
    return slot;
}

ObservedSlot unreadable(const Error& error) {
    auto slot = untouchable(ObservedSlot::Kind::unreadable, error.message);
    slot.problem = error.code;
    return slot;
}

} // namespace

Result<std::optional<Scandir>> Scandir::open(const std::string& path) {
    auto directory = sys::Directory::open(path);
    if (!directory) {
        if (directory.error().code == Errc::not_found) {
            return std::nullopt;
        }
        return std::unexpected(std::move(directory.error()).within("cannot use the scandir"));
    }
    return Scandir(std::move(*directory));
}

Result<void> Scandir::check_can_run() const {
    if (!directory_.forbids_execution()) {
        return {};
    }
    return fail(Errc::unsupported,
                "no slot can run in " + path() + ": its file system is mounted noexec",
                "as root: mount -o remount,exec \"$(findmnt -no TARGET -T " + shell_quote(path()) +
                    ")\", or start the container with --tmpfs /run:exec");
}

std::size_t Scandir::services() const {
    const auto entries = directory_.list();
    return entries ? static_cast<std::size_t>(std::count_if(
                         entries->begin(), entries->end(),
                         [](const auto& entry) { return !entry.name.starts_with('.'); }))
                   : 0;
}

bool Scandir::was_passed() const {
    return tree_ == TreeKind::own &&
           sys::read_file(directory_, own_tree_mark, passed_word.size()).bytes == passed_word;
}

bool Scandir::supervisor_live() const {
    return sys::reader_of_fifo(directory_, ".s6-svscan/control") == sys::FifoReader::there;
}

Result<Scandir::Listing> Scandir::list() const {
    const auto entries = directory_.list();
    if (!entries) {
        return std::unexpected(entries.error());
    }
    Listing listing;
    for (const auto& entry : *entries) {
        if (scandir_names::is_leftover(entry.name)) {
            listing.leftovers.push_back(entry.name);
        } else if (auto profile = profile_of_slot(entry.name)) {
            listing.slots.push_back(std::move(*profile));
        }
    }
    std::sort(listing.slots.begin(), listing.slots.end());
    std::sort(listing.leftovers.begin(), listing.leftovers.end());
    return listing;
}

namespace {

/// What these files of a slot say, and whose it is by its run file.
ObservedSlot read_slot(const sys::Directory& slot, const store::Home& home,
                       std::span<const char* const> files) {
    using Kind = ObservedSlot::Kind;
    using Answer = sys::FileContent::Answer;
    ObservedSlot seen;
    seen.kind = Kind::ours;
    for (const char* file : files) {
        auto content = sys::read_file(slot, file, slot_file_limit);
        // What is there but cannot be read differs from everything that is rendered: it is replaced
        // or removed, never taken for absent. Only of `run` it must be known whose it is.
        if (content.answer == Answer::unreadable && file == std::string_view("run")) {
            return unreadable(
                {content.code, "its run file cannot be read: " + content.problem, {}});
        }
        if (content.answer != Answer::absent) {
            seen.content.emplace(file, content.answer == Answer::ok ? std::move(content.bytes)
                                                                    : std::move(content.problem));
        }
    }
    const auto run = seen.content.find("run");
    const auto slot_home = run == seen.content.end() ? std::nullopt : home_of_run(run->second);
    if (!slot_home) {
        return untouchable(Kind::foreign, "its run file was not rendered by gatewayctl");
    }
    seen.made_for = origin_of_run(run->second);
    const bool same_directory =
        seen.made_for && seen.made_for->home && seen.made_for->home == home.identity();
    if (*slot_home != printable(home.path()) && !same_directory) {
        seen.kind = Kind::other_home;
        seen.detail = "it belongs to the home " + *slot_home;
    }
    return seen;
}

/// What is behind the name of a slot, as far as these files tell.
ObservedSlot look_behind(const sys::Directory& scandir, const std::string& name,
                         const store::Home& home, std::span<const char* const> files) {
    using Kind = ObservedSlot::Kind;
    const auto info = scandir.info(name);
    if (!info) {
        return unreadable(info.error());
    }
    if (!*info) {
        return {};
    }
    if ((*info)->kind != sys::EntryKind::directory) {
        return untouchable(Kind::foreign, (*info)->kind == sys::EntryKind::symlink
                                              ? "it is a symbolic link"
                                              : "it is not a directory");
    }
    const auto slot = scandir.find(name);
    if (!slot || !*slot) {
        return slot ? ObservedSlot{} : unreadable(slot.error());
    }
    ObservedSlot seen = read_slot(**slot, home, files);
    const auto supervisor = sys::reader_of_fifo(**slot, "supervise/control");
    if (supervisor == sys::FifoReader::unknown && seen.kind == Kind::ours) {
        return untouchable(Kind::unreadable,
                           "whether it is supervised cannot be seen: its supervise/control "
                           "cannot be opened");
    }
    seen.supervised = supervisor == sys::FifoReader::there;
    return seen;
}

} // namespace

ObservedSlot Scandir::recognize(const ProfileName& profile, const store::Home& home) const {
    return look_behind(directory_, profile.slot(), home, telling_files);
}

ObservedSlot Scandir::read(const ProfileName& profile, const store::Home& home) const {
    return look_behind(directory_, profile.slot(), home, slot_files);
}

ObservedSlot Scandir::observe(const ProfileName& profile, const store::Home& home) const {
    auto seen = read(profile, home);
    // In a tree of the user's own, his s6-supervise makes it as his.
    if (tree_ == TreeKind::shared && seen.kind != ObservedSlot::Kind::absent) {
        const auto slot = directory_.find(profile.slot());
        seen.skeleton_complete = slot && *slot && skeleton_is_complete(**slot);
    }
    return seen;
}

bool Scandir::supervised(const std::string& directory_name) const {
    return std::any_of(
        std::begin(skeleton::parts), std::end(skeleton::parts), [&](const char* part) {
            return sys::reader_of_fifo(directory_, control_of(directory_name, part)) !=
                   sys::FifoReader::none;
        });
}

bool Scandir::wholly_supervised(const std::string& directory_name) const {
    return std::all_of(
        std::begin(skeleton::parts), std::end(skeleton::parts), [&](const char* part) {
            return sys::reader_of_fifo(directory_, control_of(directory_name, part)) ==
                   sys::FifoReader::there;
        });
}

} // namespace gw::supervise
