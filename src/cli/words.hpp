/// What was typed behind a verb.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gw::cli {

/// The arguments and options of one verb, by the name that its row in the table gives them
/// (cli/verb_table.hpp): `NAME`, `--force`. Options with a short form go by the long one. To ask
/// for a name that the row does not have is a mistake in this program and is asserted.
class Words {
  public:
    /// Whether it was given.
    [[nodiscard]] bool has(std::string_view name) const;
    /// The last value given.
    [[nodiscard]] std::optional<std::string> value(std::string_view name) const;
    /// Every value given, in order.
    [[nodiscard]] const std::vector<std::string>& values(std::string_view name) const;
    /// The value of an option whose row says that it is a number.
    [[nodiscard]] std::optional<double> number(std::string_view name) const;
    [[nodiscard]] std::optional<int> integer(std::string_view name) const;
    /// The words behind `--`, untouched: the command of `run`.
    [[nodiscard]] const std::vector<std::string>& command() const { return command_; }

    /// For the parser: one argument or option, given or not.
    struct Given {
        bool present = false;
        std::vector<std::string> texts;
        double number = 0;
    };
    Given& add(std::string_view name) { return given_[std::string(name)]; }
    void set_command(std::vector<std::string> command) { command_ = std::move(command); }

  private:
    [[nodiscard]] const Given& find(std::string_view name) const;
    std::map<std::string, Given, std::less<>> given_;
    std::vector<std::string> command_;
};

} // namespace gw::cli
