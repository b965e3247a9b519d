#include "rules/placement.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <numeric>
#include <queue>
#include <string_view>

namespace gw {

namespace {

/// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): each bit depends on each.
constexpr std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
    return x ^ (x >> 31U);
}

/// FNV-1a, made even.
std::uint64_t hash_of(std::string_view name) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : name) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    }
    return mixed(hash);
}

/// Whole numbers that stand for fractions of 2^56.
constexpr unsigned fraction_bits = 56;
constexpr unsigned table_bits = 10;

/// log2 of 1 + i / 1024, digit by digit: squaring a number between 1 and 2 doubles its logarithm.
constexpr std::uint64_t log2_of_step(std::uint64_t i) {
    constexpr unsigned digits = 31;
    std::uint64_t x = (std::uint64_t{1} << digits) + (i << (digits - table_bits));
    std::uint64_t log = 0;
    for (unsigned bit = 0; bit < digits; ++bit) {
        x = (x * x) >> digits;
        log <<= 1U;
        if (x >= std::uint64_t{2} << digits) {
            x >>= 1U;
            log |= 1U;
        }
    }
    return log << (fraction_bits - digits);
}

constexpr auto log2_table = [] {
    std::array<std::uint64_t, (std::size_t{1} << table_bits) + 1> table{};
    for (std::size_t i = 0; i + 1 < table.size(); ++i) {
        table[i] = log2_of_step(i);
    }
    table.back() = std::uint64_t{1} << fraction_bits;
    return table;
}();

/// -log2 of the hash as a number between 0 and 1: distributed exponentially, so that divided by
/// capacities the smallest of several falls to each by its capacity. Straight lines between the
/// steps of the table are off by less than 2e-7.
std::uint64_t exponential(std::uint64_t hash) {
    const auto zeros = static_cast<unsigned>(std::countl_zero(hash | 1U));
    const std::uint64_t after_one = (hash << zeros) << 1U;
    const auto step = static_cast<std::size_t>(after_one >> (64U - table_bits));
    constexpr unsigned rest_bits = 32;
    const auto rest = (after_one << table_bits) >> (64U - rest_bits);
    const auto rise = log2_table[step + 1] - log2_table[step];
    const auto log = log2_table[step] + ((rise >> 14U) * rest >> (rest_bits - 14U));
    return ((std::uint64_t{zeros} + 1) << fraction_bits) - log;
}

/// A member that gateways may go to.
struct Candidate {
    std::size_t index = 0; ///< among the members
    std::uint64_t hash = 0;
    std::uint64_t capacity = 0;
    std::size_t most = 0;  ///< so many may come by hash
    std::size_t least = 0; ///< so many have to
};

/// What a gateway asks for, and what a member has accepted.
struct Offer {
    std::uint64_t cost = 0;
    std::size_t rank = 0; ///< of the gateway, or the candidate, by name
    friend auto operator<=>(const Offer&, const Offer&) = default;
};

class Matching {
  public:
    Matching(std::vector<Candidate> candidates, std::vector<std::uint64_t> gateways)
        : candidates_(std::move(candidates)), gateways_(std::move(gateways)),
          places_(gateways_.size()), accepted_(candidates_.size()), last_(gateways_.size()) {
        is_even_ = std::all_of(candidates_.begin(), candidates_.end(), [&](const auto& one) {
            return one.capacity == candidates_.front().capacity;
        });
    }

    /// By rank of the gateway: the rank of its candidate.
    std::vector<std::optional<std::size_t>> run() {
        for (std::size_t gateway = 0; gateway < gateways_.size(); ++gateway) {
            for (auto next = std::optional(gateway); next;) {
                next = propose(*next);
            }
        }
        for (std::size_t rank = 0; rank < candidates_.size(); ++rank) {
            load_.push_back(accepted_[rank].size());
        }
        for (std::size_t rank = 0; rank < candidates_.size(); ++rank) {
            lift(rank);
        }
        return std::move(places_);
    }

  private:
    [[nodiscard]] std::uint64_t cost(std::uint64_t gateway, const Candidate& candidate) const {
        const auto hash = mixed(candidate.hash ^ gateway);
        // Among equals the order of the hashes is that of their logarithms.
        return is_even_ ? ~hash : exponential(hash) / candidate.capacity;
    }

    /// The cheapest candidate that has not refused the gateway yet.
    [[nodiscard]] std::optional<Offer> next_offer(std::size_t gateway) const {
        std::optional<Offer> best;
        for (std::size_t rank = 0; rank < candidates_.size(); ++rank) {
            const Offer offer{cost(gateways_[gateway], candidates_[rank]), rank};
            if ((!best || offer < *best) && (!last_[gateway] || *last_[gateway] < offer)) {
                best = offer;
            }
        }
        return best;
    }

    /// Answers with the gateway that has no place now, be it another one.
    std::optional<std::size_t> propose(std::size_t gateway) {
        const auto offer = next_offer(gateway);
        if (!offer) {
            return std::nullopt;
        }
        last_[gateway] = offer;
        auto& accepted = accepted_[offer->rank];
        accepted.push({offer->cost, gateway});
        places_[gateway] = offer->rank;
        if (accepted.size() <= candidates_[offer->rank].most) {
            return std::nullopt;
        }
        const auto dearest = accepted.top().rank;
        accepted.pop();
        places_[dearest].reset();
        return dearest;
    }

    [[nodiscard]] bool can_give(std::size_t candidate) const {
        return load_[candidate] > candidates_[candidate].least;
    }

    /// Gives a candidate that has too little what is cheapest for it.
    void lift(std::size_t rank) {
        const auto& candidate = candidates_[rank];
        if (load_[rank] >= candidate.least) {
            return;
        }
        std::vector<Offer> others;
        for (std::size_t gateway = 0; gateway < gateways_.size(); ++gateway) {
            if (places_[gateway] && can_give(*places_[gateway])) {
                others.push_back({cost(gateways_[gateway], candidate), gateway});
            }
        }
        std::sort(others.begin(), others.end());
        for (const auto& offer : others) {
            auto& place = places_[offer.rank];
            if (load_[rank] < candidate.least && can_give(*place)) {
                --load_[*place];
                ++load_[rank];
                place = rank;
            }
        }
    }

    std::vector<Candidate> candidates_;
    std::vector<std::uint64_t> gateways_; ///< their hashes
    std::vector<std::optional<std::size_t>> places_;
    std::vector<std::priority_queue<Offer>> accepted_;
    std::vector<std::optional<Offer>> last_;
    std::vector<std::size_t> load_; ///< once all are placed
    bool is_even_ = true;
};

/// The indices of values in the order of a text of theirs.
template <class Value, class Text>
std::vector<std::size_t> by_name(std::span<const Value> values, const Text& text) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return text(values[a]) < text(values[b]); });
    return order;
}

/// Rows 1 and 2 of the table.
std::optional<std::size_t> fixed_place(const FleetGateway& gateway,
                                       std::span<const FleetMember> members,
                                       const std::map<std::string_view, std::size_t>& by_member) {
    const auto pinned = by_member.find(gateway.pinned);
    if (pinned != by_member.end() && !members[pinned->second].draining) {
        return pinned->second;
    }
    const auto holder = by_member.find(gateway.holder);
    if (holder != by_member.end() && members[holder->second].cordoned &&
        !members[holder->second].draining) {
        return holder->second;
    }
    return std::nullopt;
}

/// Those that a gateway may go to by hash, with the room that the `fixed` ones leave.
std::vector<Candidate> candidates_of(std::span<const FleetMember> members,
                                     const std::vector<std::size_t>& fixed, std::size_t free) {
    std::vector<Candidate> candidates;
    std::uint64_t capacities = 0;
    std::uint64_t all = free;
    for (const auto index : by_name(members, [](const auto& one) { return one.name; })) {
        const auto& member = members[index];
        if (!member.cordoned && !member.draining && member.capacity > 0) {
            candidates.push_back({index, hash_of(member.name), member.capacity});
            capacities += member.capacity;
            all += fixed[index];
        }
    }
    for (auto& candidate : candidates) {
        const auto has = fixed[candidate.index];
        const auto tenth = 10 * capacities;
        const auto most = (most_tenths * all * candidate.capacity + tenth - 1) / tenth;
        const auto least = least_tenths * all * candidate.capacity / tenth;
        candidate.most = most - std::min<std::uint64_t>(most, has);
        candidate.least = least - std::min<std::uint64_t>(least, has);
    }
    return candidates;
}

} // namespace

std::vector<std::optional<std::size_t>> place(std::span<const FleetMember> members,
                                              std::span<const FleetGateway> gateways) {
    std::map<std::string_view, std::size_t> by_member;
    for (std::size_t index = 0; index < members.size(); ++index) {
        by_member.emplace(members[index].name, index);
    }
    std::vector<std::optional<std::size_t>> places(gateways.size());
    std::vector<std::size_t> fixed(members.size());
    std::vector<std::size_t> free;
    std::vector<std::uint64_t> hashes;
    for (const auto index : by_name(gateways, [](const auto& one) { return one.profile; })) {
        places[index] = fixed_place(gateways[index], members, by_member);
        if (places[index]) {
            ++fixed[*places[index]];
        } else {
            free.push_back(index);
            hashes.push_back(hash_of(gateways[index].profile));
        }
    }
    const auto candidates = candidates_of(members, fixed, free.size());
    const auto matched = Matching(candidates, std::move(hashes)).run();
    for (std::size_t rank = 0; rank < free.size(); ++rank) {
        if (matched[rank]) {
            places[free[rank]] = candidates[*matched[rank]].index;
        }
    }
    return places;
}

} // namespace gw
