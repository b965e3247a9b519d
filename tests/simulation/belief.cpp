#include "belief.hpp"

#include <algorithm>

namespace gw::simulation {

const char* word_of(Verb verb) {
    switch (verb) {
    case Verb::start:
        return "start";
    case Verb::stop:
        return "stop";
    case Verb::restart:
        return "restart";
    case Verb::enrol:
        return "register";
    case Verb::bare_start:
        return "systemctl start";
    case Verb::bare_stop:
        return "systemctl stop";
    case Verb::bare_restart:
        return "systemctl restart";
    case Verb::pass:
        return "reconcile";
    case Verb::dismiss:
        break;
    }
    return "unregister";
}

bool is_bare(Verb verb) {
    return verb == Verb::bare_start || verb == Verb::bare_stop || verb == Verb::bare_restart;
}

namespace {

Wish after(Verb verb, Wish wish) {
    switch (verb) {
    case Verb::start:
    case Verb::restart: // which is refused where there is no slot
        return {true, true, false};
    case Verb::stop:
        return {false, wish.registered, wish.only_from_next_boot};
    case Verb::enrol:
        return {wish.wanted_up, true, wish.only_from_next_boot || !wish.registered};
    case Verb::dismiss:
        return {wish.wanted_up, false, false};
    case Verb::pass:
        return {wish.wanted_up, wish.registered, false};
    case Verb::bare_start:
    case Verb::bare_stop:
    case Verb::bare_restart:
        break;
    }
    return wish;
}

std::set<Wish> after(Verb verb, const std::set<Wish>& wishes) {
    std::set<Wish> all;
    for (const auto& wish : wishes) {
        all.insert(after(verb, wish));
    }
    return all;
}

/// All that can come of these operations, in any order, each or not.
std::set<Wish> closure(const std::set<Verb>& verbs, std::set<Wish> wishes) {
    for (std::size_t before = 0; before != wishes.size();) {
        before = wishes.size();
        for (const Verb verb : verbs) {
            wishes.merge(after(verb, wishes));
        }
    }
    return wishes;
}

} // namespace

int Belief::begun(Verb verb) {
    const int number = next_++;
    Operation mine{verb, {}};
    for (auto& [other, operation] : open_) {
        operation.beside.insert(number);
        mine.beside.insert(other);
    }
    open_.emplace(number, std::move(mine));
    all_.emplace(number, verb);
    return number;
}

bool Belief::accepted(int operation) {
    const auto mine = open_.at(operation);
    open_.erase(operation);
    std::set<Verb> others;
    for (const int other : mine.beside) {
        others.insert(all_.at(other));
    }
    const bool alone = std::ranges::all_of(others, [](Verb verb) { return verb == Verb::pass; });
    if (mine.verb != Verb::pass) {
        const bool settles = mine.verb == Verb::start || mine.verb == Verb::stop;
        certain_ = alone && !is_bare(mine.verb) && (certain_ || settles);
        half_done_ = half_done_ && is_bare(mine.verb);
    }
    possible_ = closure(others, after(mine.verb, closure(others, possible_)));
    return alone;
}

void Belief::uncertain(int operation) {
    const Verb verb = open_.at(operation).verb;
    certain_ = certain_ && verb == Verb::pass;
    open_.erase(operation);
    possible_.merge(after(verb, possible_));
}

void Belief::cut_short(int operation) {
    half_done_ = half_done_ || open_.at(operation).verb != Verb::pass;
    uncertain(operation);
}

void Belief::booted() {
    certain_ = true;
    std::set<Wish> now;
    for (auto wish : possible_) {
        wish.only_from_next_boot = false;
        now.insert(wish);
    }
    possible_ = std::move(now);
}

namespace {
bool is_up(const Wish& wish) {
    return wish.wanted_up && wish.registered && !wish.only_from_next_boot;
}
} // namespace

bool Belief::may_be_up() const {
    return std::any_of(possible_.begin(), possible_.end(), is_up);
}

bool Belief::may_be_down() const {
    return !std::all_of(possible_.begin(), possible_.end(), is_up);
}

} // namespace gw::simulation
