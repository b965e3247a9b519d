#include "base/json_object.hpp"

#include "base/text.hpp"

namespace gw {

Result<Json> parse_json_object(std::string_view bytes) {
    if (bytes.size() > max_json_bytes) {
        return fail(Errc::corrupt, "too large: " + std::to_string(bytes.size()) + " bytes");
    }
    bool too_deep = false;
    std::size_t keys = 0;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& /*parsed*/) {
        const bool opens =
            event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        too_deep = too_deep || (opens && depth >= max_json_depth);
        keys += event == Json::parse_event_t::key ? 1 : 0;
        return !too_deep && keys <= max_json_keys;
    };
    Json value = Json::parse(bytes.begin(), bytes.end(), watch, false);
    if (too_deep) {
        return fail(Errc::corrupt,
                    "nested deeper than " + std::to_string(max_json_depth) + " levels");
    }
    if (keys > max_json_keys) {
        return fail(Errc::corrupt, "more than " + std::to_string(max_json_keys) + " keys");
    }
    if (value.is_discarded()) {
        return fail(Errc::corrupt, bytes.empty() ? "the file is empty" : "not valid JSON");
    }
    if (!value.is_object()) {
        return fail(Errc::corrupt, std::string("a JSON ") + value.type_name() + ", not an object");
    }
    return value;
}

std::string to_json_line(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace gw
