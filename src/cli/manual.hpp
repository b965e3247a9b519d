/// The manual pages, made from the table of verbs and the table of settings. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

struct Verb;

/// Names of the files: "gatewayctl.1", "gatewayctl-stop.1", "gatewayctl.yaml.5" …
std::vector<std::string> manual_pages();
/// The page with this name; nullopt when there is none.
std::optional<std::string> manual_page(std::string_view file_name);

/// What is no verb's: gatewayctl.yaml(5), gatewayctl-files(5), gatewayctl-hooks(7).
std::string configuration_page(std::string_view date);
std::string files_page(std::string_view date);
std::string hooks_page(std::string_view date);

class Mdoc;
/// What a page says of each verb: its words after the program's name, as in a synopsis.
void put_synopsis(Mdoc& page, const Verb& verb);

} // namespace gw::cli
