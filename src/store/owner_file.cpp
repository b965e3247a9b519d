#include "store/owner_file.hpp"

#include "base/json_fields.hpp"

namespace gw::store {

std::optional<Owner> judge_owner(const JsonFile& file) {
    if (file.answer != FileAnswer::ok) {
        return std::nullopt;
    }
    Owner owner;
    owner.member = text_field(file.object, "member");
    owner.host = text_field(file.object, "host");
    owner.place = {text_field(file.object, "boot_id"), text_field(file.object, "pid_namespace")};
    owner.pid = pid_field(file.object, "pid").value_or(Pid{});
    owner.since = text_field(file.object, "since");
    return owner.member.empty() ? std::nullopt : std::optional(std::move(owner));
}

std::optional<Owner> read_owner(const sys::Directory& home) {
    return judge_owner(read_json_file(home, owner_file_name));
}

Result<void> write_owner(sys::Effects& effects, const sys::Directory& home, const Owner& owner) {
    Json record = Json::object();
    record["member"] = owner.member;
    record["host"] = owner.host;
    record["boot_id"] = owner.place.boot_id;
    record["pid_namespace"] = owner.place.pid_namespace;
    record["pid"] = owner.pid.value;
    record["since"] = owner.since;
    const auto text = to_json_file(record);
    return text ? effects.replace_file(home, owner_file_name, *text, sys::Durability::volatile_)
                : std::unexpected(text.error());
}

} // namespace gw::store
