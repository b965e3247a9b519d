// Precompiled: the headers that cost most to parse.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
