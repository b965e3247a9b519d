/// What several unit tests need.
#pragma once

#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace gw::test {

/// `tests/`, where fixtures and golden files are.
inline std::filesystem::path data_directory() {
    return TEST_DATA;
}

inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A file below `tests/fixtures/`.
inline std::string fixture(const std::string& relative) {
    return content_of(data_directory() / "fixtures" / relative);
}

} // namespace gw::test
