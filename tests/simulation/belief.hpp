/// What must come of everything that was typed: a second formulation, which knows nothing of the
/// program's own.
#pragma once

#include <compare>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace gw::simulation {

/// `pass`: a boot pass that somebody types, below whatever lives. `bare_…`: the supervisor's own
/// command, which is for this life alone.
enum class Verb { start, stop, restart, enrol, dismiss, pass, bare_start, bare_stop, bare_restart };
[[nodiscard]] bool is_bare(Verb verb);

/// For people, and for the program.
const char* word_of(Verb verb);

/// What an operator may rightly believe of one profile.
struct Wish {
    bool wanted_up = false;
    bool registered = true;
    bool only_from_next_boot = false; ///< registered anew: down until a start or a boot
    auto operator<=>(const Wish&) const = default;
};

/// A profile's wishes that are possible now: one, unless an operation failed, was killed, or ran
/// beside others.
class Belief {
  public:
    explicit Belief(Wish at_first) : possible_{at_first} {}
    /// Answers with the number of the operation.
    int begun(Verb verb);
    /// Whether nothing else was typed meanwhile.
    bool accepted(int operation);
    /// Refused, failed, or killed: it may have taken effect or not.
    void uncertain(int operation);
    /// Killed: the same, and one of the places that it changes may differ from another until the
    /// next one has come to its end.
    void cut_short(int operation);
    [[nodiscard]] bool is_half_done() const { return half_done_; }
    void booted();

    [[nodiscard]] bool may_be_up() const;
    [[nodiscard]] bool may_be_down() const;
    /// Only when nothing was uncertain since the last boot, or since a start or stop that nothing
    /// else was typed beside, the state of this very life is promised. A pass makes nothing
    /// uncertain, whatever becomes of it.
    [[nodiscard]] bool is_certain() const { return certain_ && open_.empty(); }

  private:
    struct Operation {
        Verb verb = Verb::start;
        std::set<int> beside; ///< others that ran meanwhile
    };
    std::map<int, Operation> open_;
    std::map<int, Verb> all_;
    std::set<Wish> possible_;
    bool certain_ = true;
    bool half_done_ = false;
    int next_ = 0;
};

} // namespace gw::simulation
