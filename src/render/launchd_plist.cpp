#include "render/launchd_plist.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

namespace gw {

namespace {

constexpr std::string_view label_prefix = "gatewayctl.";
/// launchd ignores keys that it does not know.
constexpr std::string_view home_key = "GatewayctlHome";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '\r': // an XML parser would make a newline of it
            out += "&#13;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string unescaped(std::string text) {
    for (const auto& [entity, c] : {std::pair{"&lt;", "<"}, std::pair{"&gt;", ">"},
                                    std::pair{"&#13;", "\r"}, std::pair{"&amp;", "&"}}) {
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + 1)) {
            text.replace(at, std::string_view(entity).size(), c);
        }
    }
    return text;
}

/// XML 1.0 has no way to write any other control character, nor bytes that are not UTF-8.
Result<void> check_xml(std::string_view text) {
    std::string rest(text);
    std::erase_if(rest, [](char c) { return c == '\\' || c == '\n' || c == '\t' || c == '\r'; });
    if (printable(rest) != rest) {
        return fail(Errc::bad_config, fmt::format("'{}' cannot stand in a plist", printable(text)),
                    "give it to the gateway in a file");
    }
    return {};
}

class PlistWriter {
  public:
    void key(std::string_view name) { line(fmt::format("<key>{}</key>", escaped(name))); }
    void string(std::string_view text) { line(fmt::format("<string>{}</string>", escaped(text))); }
    void entry(std::string_view name, std::string_view text) {
        key(name);
        string(text);
    }
    void entry(std::string_view name, long long number) {
        key(name);
        line(fmt::format("<integer>{}</integer>", number));
    }
    void yes(std::string_view name) {
        key(name);
        line("<true/>");
    }
    void no(std::string_view name) {
        key(name);
        line("<false/>");
    }
    void open(std::string_view name, std::string_view tag) {
        key(name);
        line(fmt::format("<{}>", tag));
        ++depth_;
    }
    void close(std::string_view tag) {
        --depth_;
        line(fmt::format("</{}>", tag));
    }
    [[nodiscard]] std::string text() const {
        return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
               "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
               "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
               "<!-- Rendered by gatewayctl: changes are lost at the next `gatewayctl install`. "
               "-->\n"
               "<plist version=\"1.0\">\n<dict>\n" +
               body_ + "</dict>\n</plist>\n";
    }

  private:
    void line(std::string_view text) {
        body_ += std::string(depth_, '\t') + std::string(text) + "\n";
    }
    std::string body_;
    std::size_t depth_ = 1;
};

Result<void> check_for_plist(const HostService& service) {
    for (const auto* path : {&service.spec.home, &service.spec.profile_dir}) {
        if (auto good = check_service_path(*path); !good) {
            return good;
        }
    }
    for (const auto& word : service.spec.command) {
        if (auto good = check_xml(word); !good) {
            return good;
        }
    }
    for (const auto& [key, value] : service.spec.environment) {
        if (auto good = check_xml(value); !good) {
            return good;
        }
    }
    return {};
}

void write_life(PlistWriter& plist, const SlotSpec& spec) {
    // Started again after anything but a clean end; exit 0 (a planned stop) is final.
    plist.open("KeepAlive", "dict");
    plist.no("SuccessfulExit");
    plist.close("dict");
    plist.yes("RunAtLoad");
    plist.entry("ThrottleInterval", launchd_throttle.count());
    plist.entry("ExitTimeOut", kill_timeout(spec.drain_timeout).count());
}

/// Top-level keys with their values as text.
std::map<std::string, std::string> keys_of(std::string_view text) {
    constexpr std::string_view mark = "\n\t<key>";
    std::map<std::string, std::string> keys;
    for (auto at = text.find(mark); at != std::string_view::npos;) {
        const auto begin = at + mark.size();
        const auto end = std::min(text.find('<', begin), text.size());
        const auto next = text.find(mark, end);
        keys.insert_or_assign(std::string(text.substr(begin, end - begin)),
                              std::string(text.substr(end, std::min(next, text.size()) - end)));
        at = next;
    }
    return keys;
}

} // namespace

std::string launchd_label(const HostService& service) {
    return std::string(label_prefix) + service.name;
}

std::optional<std::string> name_of_launchd_label(std::string_view label) {
    return label.starts_with(label_prefix)
               ? std::optional(std::string(label.substr(label_prefix.size())))
               : std::nullopt;
}

Result<std::string> render_plist(const HostService& service) {
    if (auto good = check_for_plist(service); !good) {
        return std::unexpected(good.error());
    }
    const auto& spec = service.spec;
    const std::string log = spec.home + "/logs/gateways/" + spec.profile.str() + "/gateway.log";
    PlistWriter plist;
    plist.entry("Label", launchd_label(service));
    plist.open("ProgramArguments", "array");
    for (const auto& word : spec.command) {
        plist.string(word);
    }
    plist.close("array");
    plist.entry("WorkingDirectory", spec.profile_dir);
    plist.open("EnvironmentVariables", "dict");
    for (const auto& [key, value] : host_environment(service)) {
        plist.entry(key, value);
    }
    if (is_fronted_by_run(spec.command)) {
        // `run` counts the deaths and ends with 0 where launchd must not start it again.
        plist.entry("GATEWAYCTL_LAUNCHD_LABEL", launchd_label(service));
    }
    plist.close("dict");
    write_life(plist, spec);
    plist.entry("StandardOutPath", log);
    plist.entry("StandardErrorPath", log);
    plist.entry(home_key, spec.home);
    return plist.text();
}

std::optional<std::string> home_of_plist(std::string_view text) {
    const std::string mark = fmt::format("<key>{}</key>\n\t<string>", home_key);
    const auto at = text.find(mark);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    text.remove_prefix(at + mark.size());
    return unescaped(std::string(text.substr(0, text.find("</string>"))));
}

std::string plist_drift(std::string_view rendered, std::string_view installed) {
    if (rendered == installed) {
        return {};
    }
    const auto wanted = keys_of(rendered);
    const auto found = keys_of(installed);
    std::set<std::string> names;
    for (const auto& [one, other] : {std::pair(&wanted, &found), std::pair(&found, &wanted)}) {
        for (const auto& [key, value] : *one) {
            const auto same = other->find(key);
            if (same == other->end() || same->second != value) {
                names.insert(printable(key));
            }
        }
    }
    std::string out;
    for (const auto& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out.empty() ? "comments or order" : out;
}

} // namespace gw
