/// For targets that read files as the program reads them.
#pragma once

#include "fuzz.hpp"

#include <filesystem>
#include <string>

namespace gw::fuzz {

/// A directory of this process alone; gone at its end.
class Scratch {
  public:
    explicit Scratch(const std::string& name) {
        std::string path = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
        require(::mkdtemp(path.data()) != nullptr);
        path_ = path;
    }
    ~Scratch() { std::filesystem::remove_all(path_); }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace gw::fuzz
