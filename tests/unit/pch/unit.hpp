// Precompiled: the headers that cost most to parse.
#include <doctest/doctest.h>
#include <string>
#include <vector>
