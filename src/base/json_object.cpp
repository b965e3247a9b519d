#include "base/json_object.hpp"

#include "base/kept_values.hpp"
#include "base/text.hpp"

#include <iterator>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gw {

namespace {

/// Builds the value from the parser's events. nlohmann's own builder looks every key up among those
/// before it, so that an object of many keys takes a time that is quadratic in their number.
class Builder {
  public:
    bool null() { return add(nullptr); }
    bool boolean(bool value) { return add(value); }
    bool number_integer(Json::number_integer_t value) { return add(value); }
    bool number_unsigned(Json::number_unsigned_t value) { return add(value); }
    bool number_float(Json::number_float_t value, const std::string& as_written) {
        return Json(value).dump() == as_written ? add(value) : add(carrier_of(as_written));
    }
    bool string(std::string& value) { return add(std::move(value)); }
    bool binary(Json::binary_t& /*value*/) { return false; } // JSON text has none
    bool start_object(std::size_t /*size*/) { return open(Json::object()); }
    bool start_array(std::size_t /*size*/) { return open(Json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& name) {
        open_.back().key = std::move(name);
        return true;
    }
    bool parse_error(std::size_t /*position*/, const std::string& /*token*/,
                     const Json::exception& /*error*/) {
        return false;
    }

    [[nodiscard]] bool too_deep() const { return too_deep_; }
    Json take() { return std::move(root_); }

  private:
    /// An object or array that has not ended yet.
    struct Open {
        Json* value = nullptr;
        std::string key;                                     ///< of the member that comes next
        std::unordered_map<std::string, std::size_t> places; ///< of the members so far
    };

    /// Where the next value belongs.
    Json& place() {
        if (open_.empty()) {
            return root_;
        }
        auto& [parent, key, places] = open_.back();
        if (parent->is_array()) {
            parent->push_back(nullptr);
            return parent->back();
        }
        auto& members = parent->get_ref<Json::object_t&>();
        const auto [known, is_new] = places.try_emplace(key, members.size());
        if (is_new) {
            members.emplace_back(key, nullptr);
        }
        return std::next(members.begin(), static_cast<std::ptrdiff_t>(known->second))->second;
    }
    template <class Value> bool add(Value&& value) {
        place() = std::forward<Value>(value);
        return true;
    }
    bool open(Json value) {
        if (open_.size() >= static_cast<std::size_t>(max_json_depth)) {
            too_deep_ = true;
            return false;
        }
        Json& at = place();
        at = std::move(value);
        open_.push_back({&at, {}, {}});
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    Json root_;
    /// The pointers stay good: a container grows only when its last element has ended.
    std::vector<Open> open_;
    bool too_deep_ = false;
};

} // namespace

namespace {

bool parse(std::string_view bytes, Builder& builder) {
    return Json::sax_parse(bytes.begin(), bytes.end(), &builder);
}

} // namespace

Result<Json> parse_json_object(std::string_view bytes, std::size_t limit) {
    if (bytes.size() > limit) {
        return fail(Errc::corrupt, "too large: " + std::to_string(bytes.size()) + " bytes");
    }
    if (holds_carrier(bytes)) {
        return fail(Errc::corrupt, "a text in it begins with NUL");
    }
    Builder builder;
    bool parsed = parse(bytes, builder);
    if (!parsed && !builder.too_deep()) {
        if (const auto carried = carry_values(bytes)) {
            builder = Builder();
            parsed = parse(*carried, builder);
        }
    }
    if (builder.too_deep()) {
        return fail(Errc::corrupt,
                    "nested deeper than " + std::to_string(max_json_depth) + " levels");
    }
    if (!parsed) {
        return fail(Errc::corrupt, bytes.empty() ? "the file is empty" : "not valid JSON");
    }
    Json value = builder.take();
    if (!value.is_object()) {
        return fail(Errc::corrupt, std::string("a JSON ") + value.type_name() + ", not an object");
    }
    return value;
}

Json words_or_null(const std::string& words) {
    return words.empty() ? Json() : Json(printable(words));
}

Json words_or_null(const std::optional<std::string>& words) {
    return words ? Json(printable(*words)) : Json();
}

std::string to_json_line(const Json& value) {
    return uncarry_values(value.dump(-1, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Result<std::string> to_json_file(const Json& value) {
    std::string text = to_json_line(value);
    if (text.size() > max_json_bytes) {
        return fail(Errc::unsupported, "it would have " + std::to_string(text.size()) +
                                           " bytes, and no more than " +
                                           std::to_string(max_json_bytes) + " are read back");
    }
    return text;
}

} // namespace gw
