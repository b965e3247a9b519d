// What the placement of a fleet's gateways costs, how even it is, and what a change of the members moves.
//     placement MEMBERS GATEWAYS [weighted]
// One line of JSON: seconds and kilobytes of one placement, the fullest and the emptiest member beside their shares, and how
// many gateways have another member after one has joined, has left, and when a gateway is added (mean of some).
#include "rules/placement.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>

namespace {

using Places = std::vector<std::optional<std::size_t>>;

std::size_t moved(const Places& before, const Places& after) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
        count += static_cast<std::size_t>(before[i] != after[i]);
    }
    return count;
}

long peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

} // namespace

int main(int argc, char** argv) {
    const std::size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 100;
    const std::size_t size = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10000;
    std::vector<gw::FleetMember> members;
    double capacities = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t capacity = argc > 3 ? static_cast<std::uint32_t>(i % 4 + 1) : 1;
        members.push_back({"member-" + std::to_string(i), capacity});
        capacities += capacity;
    }
    std::vector<gw::FleetGateway> gateways;
    for (std::size_t i = 0; i < size; ++i) {
        gateways.push_back({"gateway-" + std::to_string(i)});
    }
    const long before_kb = peak_kilobytes();
    const auto begin = std::chrono::steady_clock::now();
    const auto places = gw::place(members, gateways);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    const long peak_kb = peak_kilobytes();

    std::vector<double> loads(count);
    for (const auto& place : places) {
        loads[*place] += 1;
    }
    double fullest = 0;
    double emptiest = 1e9;
    for (std::size_t i = 0; i < count; ++i) {
        const double share = static_cast<double>(size) * members[i].capacity / capacities;
        fullest = std::max(fullest, loads[i] / share);
        emptiest = std::min(emptiest, loads[i] / share);
    }
    auto more = members;
    more.push_back({"newcomer"});
    const auto joined = moved(places, gw::place(more, gateways));
    auto less = members;
    less.pop_back();
    const auto left = moved(places, gw::place(less, gateways));
    constexpr int additions = 20;
    std::size_t by_addition = 0;
    auto before = places;
    for (int i = 0; i < additions; ++i) {
        gateways.push_back({"another-" + std::to_string(i)});
        auto after = gw::place(members, gateways);
        by_addition += moved(before, after);
        before = std::move(after);
    }
    std::printf("{\"members\": %zu, \"gateways\": %zu, \"seconds\": %.3f, \"kilobytes\": %ld, \"fullest\": %.3f, "
                "\"emptiest\": %.3f, \"moved by a join\": %zu, \"moved by a leave\": %zu, \"moved by one more\": %.1f}\n",
                count, size, took.count(), peak_kb - before_kb, fullest, emptiest, joined, left,
                static_cast<double>(by_addition) / additions);
}
