// Precompiled: the headers that cost most to parse.
#include <nlohmann/json.hpp>
#include <string>
#include <vector>
