#include "store/service_settings_file.hpp"

#include "base/json_fields.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>

namespace gw::store {

namespace {
/// A holder reads one small file of every profile.
constexpr std::chrono::seconds lock_deadline{30};

/// Whether the kernel hands this variable to a program: NAME=VALUE and a zero byte, at most 32
/// pages (MAX_ARG_STRLEN of execve(2)).
bool fits_exec(std::string_view name, std::string_view value) {
    constexpr std::size_t longest = 131072;
    return name.size() + value.size() + 2 <= longest;
}
} // namespace

bool is_variable_name(std::string_view name) {
    const auto letter = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
    };
    return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
           std::all_of(name.begin(), name.end(), letter);
}

namespace {

std::optional<Unregistration> unregistration_in(const Json& file) {
    const auto record = file.find("unregistered");
    if (record == file.end() || !record->is_object()) {
        return std::nullopt;
    }
    return Unregistration{text_field(*record, "at"), author_field(*record, ""),
                          number_field<std::uint64_t>(*record, "generation").value_or(0)};
}

Json to_json(const Unregistration& record) {
    Json file = {{"at", record.at}, {"generation", record.generation}};
    add_author(file, "", record.by);
    return file;
}

} // namespace

ServiceSettingsAnswer judge_service_settings(const JsonFile& file, const ProfilePlace& place) {
    ServiceSettingsAnswer answer;
    if (file.answer == FileAnswer::absent || file.empty) {
        return answer;
    }
    if (file.answer != FileAnswer::ok) {
        answer.problem = fmt::format("{}: {}", service_settings_file_name, file.problem);
        return answer;
    }
    const auto own = of_this_profile(file, place);
    answer.settings.port = number_field<std::uint16_t>(own.object, "port");
    answer.settings.unregistered = unregistration_in(own.object);
    const auto environment = file.object.find("env");
    if (environment == file.object.end() || !environment->is_object()) {
        return answer;
    }
    for (const auto& [key, value] : environment->items()) {
        if (is_variable_name(key) && value.is_string() &&
            value.get_ref<const std::string&>().find('\0') == std::string::npos &&
            fits_exec(key, value.get_ref<const std::string&>())) {
            answer.settings.environment.emplace_back(key, value.get<std::string>());
        } else {
            answer.problem = fmt::format("{}: an entry of env is no usable variable",
                                         service_settings_file_name);
        }
    }
    return answer;
}

ServiceSettingsAnswer read_service_settings(const sys::Directory& profile) {
    return judge_service_settings(read_json_file(profile, service_settings_file_name),
                                  place_of(profile));
}

namespace {

Result<void> write(sys::Effects& effects, const sys::Directory& profile,
                   const ServiceSettings& settings, sys::Durability durability) {
    Json file = Json::object();
    name_profile(file, place_of(profile));
    file["port"] = settings.port ? Json(*settings.port) : Json(nullptr);
    if (settings.unregistered) {
        file["unregistered"] = to_json(*settings.unregistered);
    }
    file["env"] = Json::object();
    for (const auto& [key, value] : settings.environment) {
        file["env"][key] = value;
    }
    const auto text = to_json_file(file);
    if (!text) {
        return std::unexpected(Error(text.error()).within("cannot keep the service's settings"));
    }
    // Private: an environment may hold secrets.
    return effects.replace_file(profile, service_settings_file_name, *text, durability,
                                {.mode = 0600});
}

} // namespace

Result<ServiceSettings> edit_service_settings(sys::Effects& effects, const sys::Directory& profile,
                                              sys::Durability durability,
                                              const std::function<void(ServiceSettings&)>& edit) {
    const auto kept = read_service_settings(profile);
    if (!kept.problem.empty()) {
        return fail(Errc::corrupt,
                    profile.path_of(service_settings_file_name) +
                        " is not changed: " + kept.problem,
                    "mend or remove " + profile.path_of(service_settings_file_name));
    }
    auto settings = kept.settings;
    edit(settings);
    // What an operator has given it is replaced by nothing that a power cut could empty.
    const bool replaces = profile.has(service_settings_file_name);
    if (replaces && durability == sys::Durability::volatile_) {
        durability = sys::Durability::durable_with_the_next;
    }
    if (settings != kept.settings) {
        if (auto written = write(effects, profile, settings, durability); !written) {
            return std::unexpected(std::move(written.error()));
        }
    }
    return settings;
}

Result<sys::FileLock> lock_ports(sys::Effects& effects, const sys::Directory& home) {
    return sys::FileLock::acquire(effects, home, ".gateway-ports.lock", lock_deadline);
}

} // namespace gw::store
