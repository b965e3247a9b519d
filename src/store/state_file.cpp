#include "store/state_file.hpp"

#include "base/moment.hpp"
#include "rules/gateway_state.hpp"
#include "store/profile_files.hpp"

namespace gw::store {

namespace {
const std::string corrupt_prefix =
    std::string(state_file_name) + ".corrupt-"; // NOLINT(cert-err58-cpp)
} // namespace

JsonFile judge_json(const sys::FileContent& content) {
    using Answer = sys::FileContent::Answer;
    switch (content.answer) {
    case Answer::absent:
        return {};
    case Answer::unreadable:
        return {FileAnswer::unreadable, content.problem, {}, {}};
    case Answer::too_large:
        return {FileAnswer::corrupt, content.problem, {}, content.info};
    case Answer::ok:
        break;
    }
    auto object = parse_json_object(content.bytes);
    if (!object) {
        return {
            FileAnswer::corrupt, object.error().message, {}, content.info, content.bytes.empty()};
    }
    return {FileAnswer::ok, {}, std::move(*object), content.info};
}

JsonFile read_json_file(const sys::Directory& profile, const std::string& relative) {
    return judge_json(sys::read_file(profile, relative, max_json_bytes));
}

namespace {

/// Whether the file is still the one that was read.
bool unchanged(const sys::Directory& profile, const JsonFile& read) {
    const auto now = profile.info(state_file_name);
    if (!now || !*now) {
        return read.answer == FileAnswer::absent;
    }
    return (*now)->identity == read.info.identity && (*now)->changed_ns == read.info.changed_ns;
}

} // namespace

Result<void> edit_state_file(sys::Effects& effects, const sys::Directory& profile,
                             const std::function<void(Json&)>& edit, sys::Durability durability) {
    // A gateway writes its state a few times a second at most. One that writes it faster than a
    // disk can flush loses one of its writes, and the next one of them follows at once.
    constexpr int careful_tries = 3;
    const auto here = place_of(profile);
    for (int i = 0;; ++i) {
        JsonFile file = read_json_file(profile, state_file_name);
        if (file.answer == FileAnswer::unreadable || file.answer == FileAnswer::corrupt) {
            return fail(Errc::corrupt,
                        "cannot edit " + profile.path_of(state_file_name) + ": " + file.problem);
        }
        if (file.answer == FileAnswer::absent) {
            file.object = Json::object();
        }
        if (copied_state_of(file, read_json_file(profile, intent_file_name), here)) {
            forget_life(file.object);
        }
        edit(file.object);
        name_profile(file.object, here);
        sys::FileAttributes attributes;
        if (i < careful_tries) {
            attributes.precondition = [&] { return unchanged(profile, file); };
        }
        const auto text = to_json_file(file.object);
        if (!text) {
            return std::unexpected(
                Error(text.error()).within("cannot edit " + profile.path_of(state_file_name)));
        }
        auto replaced =
            effects.replace_file(profile, state_file_name, *text, durability, attributes);
        if (replaced || replaced.error().code != Errc::conflict || i >= careful_tries) {
            return replaced;
        }
    }
}

void name_process(Json& file, const ProcessIdentity& process) {
    file["pid"] = process.pid.value == 0 ? Json() : Json(process.pid.value);
    file["start_time"] = process.start_time ? Json(process.start_time->ticks) : Json();
}

Result<void> keep_corrupt_aside(sys::Effects& effects, const sys::Directory& profile) {
    const auto info = profile.info(state_file_name);
    if (!info || !*info) {
        return info ? Result<void>{} : std::unexpected(info.error());
    }
    const WallTime changed{std::chrono::microseconds((*info)->changed_ns / 1000)};
    const std::string base = corrupt_prefix + to_compact_utc(changed);
    for (int i = 0;; ++i) {
        const std::string name = i == 0 ? base : base + "-" + std::to_string(i);
        if (!profile.has(name)) {
            return effects.rename(profile, state_file_name, profile, name);
        }
    }
}

Result<void> replace_corrupt_state(sys::Effects& effects, const sys::Directory& profile) {
    if (auto kept = keep_corrupt_aside(effects, profile); !kept) {
        return kept;
    }
    return edit_state_file(effects, profile, [](Json& file) {
        file["gateway_state"] = "stopped";
        file["exit_reason"] = state_was_corrupt;
    });
}

bool is_corrupt_aside(std::string_view name) {
    return name.starts_with(corrupt_prefix);
}

} // namespace gw::store
