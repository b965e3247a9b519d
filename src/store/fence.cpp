#include "store/fence.hpp"

#include "base/text.hpp"

namespace gw::store {

namespace {

constexpr const char* lease_name = "lease";
constexpr const char* places_name = "places";
constexpr std::size_t longest_line = 64;

/// What one of the files says; `problem` is set when it is there and says nothing that can be used.
template <class Parse>
auto read_line(const sys::Directory& at, const std::string& relative, const Parse& parse,
               std::string& problem) -> decltype(parse(std::string_view())) {
    const auto content = sys::read_file(at, relative, longest_line);
    if (content.answer == sys::FileContent::Answer::absent) {
        return std::nullopt;
    }
    auto said =
        content.answer == sys::FileContent::Answer::ok ? parse(content.bytes) : std::nullopt;
    if (!said) {
        problem = content.problem.empty() ? at.path_of(relative) + " is damaged" : content.problem;
    }
    return said;
}

std::optional<FencingToken> read_token(const sys::Directory& fence, const FencedPlace& place,
                                       std::string& problem) {
    return read_line(fence, places_name + ("/" + place.file_name()), parse_token, problem);
}

Result<sys::Directory> places_of(const sys::Directory& fence) {
    auto places = fence.find(places_name);
    if (!places) {
        return std::unexpected(places.error());
    }
    return *places ? Result<sys::Directory>(std::move(**places))
                   : fail(Errc::not_found, fence.path_of(places_name) + " does not exist");
}

} // namespace

Fence read_fence(const std::string& directory, const ProfileName& profile) {
    Fence found;
    const auto fence = sys::Directory::open(directory);
    if (!fence) {
        found.problem = fence.error().message;
        return found;
    }
    found.lease = read_line(*fence, lease_name, parse_lease, found.problem);
    found.token = read_token(*fence, FencedPlace(profile), found.problem);
    if (!found.token && found.problem.empty()) {
        found.token = read_token(*fence, FencedPlace::all(), found.problem);
    }
    return found;
}

std::optional<Lease> read_lease(const sys::Directory& fence) {
    std::string problem;
    return read_line(fence, lease_name, parse_lease, problem);
}

Result<std::map<std::string, FencingToken>> list_places(const sys::Directory& fence) {
    const auto places = places_of(fence);
    const auto entries = places ? places->list() : std::unexpected(places.error());
    if (!entries) {
        return std::unexpected(entries.error());
    }
    std::map<std::string, FencingToken> found;
    for (const auto& entry : *entries) {
        const bool is_place = entry.name == FencedPlace::all().file_name() ||
                              ProfileName::parse(entry.name).has_value();
        std::string problem;
        const auto token =
            is_place ? read_line(*places, entry.name, parse_token, problem) : std::nullopt;
        if (token) {
            found.emplace(entry.name, *token);
        }
    }
    return found;
}

Result<sys::Directory> make_fence(sys::Effects& effects, const std::string& directory) {
    if (auto made = effects.make_path(directory); !made) {
        return std::unexpected(made.error());
    }
    auto fence = sys::Directory::open(directory);
    if (!fence) {
        return fence;
    }
    constexpr unsigned private_mode = 0700;
    if (auto made = effects.make_directory(*fence, places_name, private_mode); !made) {
        return std::unexpected(made.error());
    }
    return fence;
}

Result<void> write_lease(sys::Effects& effects, const sys::Directory& fence, const Lease& lease) {
    return effects.replace_file(fence, lease_name, lease_text(lease), sys::Durability::volatile_);
}

Result<void> remove_lease(sys::Effects& effects, const sys::Directory& fence) {
    return effects.remove_file(fence, lease_name);
}

Result<void> write_place(sys::Effects& effects, const sys::Directory& fence,
                         const FencedPlace& place, FencingToken token) {
    const auto places = places_of(fence);
    return places ? effects.replace_file(*places, place.file_name(), token_text(token),
                                         sys::Durability::volatile_)
                  : std::unexpected(places.error());
}

Result<void> remove_place(sys::Effects& effects, const sys::Directory& fence,
                          const FencedPlace& place) {
    const auto places = places_of(fence);
    return places ? effects.remove_file(*places, place.file_name())
                  : std::unexpected(places.error());
}

} // namespace gw::store
