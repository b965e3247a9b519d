/// A supervisor without a system, for the rules of an operation and for the operations themselves.
#pragma once

#include "rules/observed_service.hpp"

#include <functional>
#include <random>
#include <string>

namespace gw::test {

/// s6-supervise as it was measured: a wish, a process, a finish script that hears of each end and
/// whose answer may undo the wish, a stamp for every change. Time goes on by ticks.
class SupervisorModel {
  public:
    explicit SupervisorModel(std::minstd_rand& random) : random_(random) {}

    void start() { wants_up_ = true; }
    void stop() { wants_up_ = false, terminate_ = process_.has_value(); }
    void restart() { wants_up_ = true, terminate_ = process_.has_value(); }

    /// Answers whether the wish stands.
    std::function<bool()> finish = [] { return true; };

    void tick() {
        if (process_ && terminate_ && chance(20)) {
            process_.reset(), terminate_ = false, finishing_ = true, ++change_;
        } else if (finishing_ && chance(30)) {
            finishing_ = false;
            wants_up_ = finish() && wants_up_;
        } else if (!process_ && !finishing_ && wants_up_ && chance(30)) {
            // No process of this machine: pids end far below.
            process_ = ProcessIdentity{Pid{INT32_MAX - ++lives_}, StartTime{1}};
            ++change_;
        }
    }
    [[nodiscard]] ObservedService observed() const {
        ObservedService seen;
        seen.registered = seen.supervised = true;
        seen.wants_up = wants_up_;
        seen.up = process_.has_value();
        seen.process = process_;
        seen.change = std::to_string(change_);
        if (!process_ && lives_ > 0) {
            seen.last_exit = LastExit{0, std::nullopt};
        }
        return seen;
    }
    [[nodiscard]] const std::optional<ProcessIdentity>& process() const { return process_; }

  private:
    bool chance(unsigned percent) { return random_() % 100 < percent; }

    std::minstd_rand& random_;
    bool wants_up_ = false;
    bool terminate_ = false;
    bool finishing_ = false;
    std::optional<ProcessIdentity> process_;
    int change_ = 0;
    std::int32_t lives_ = 0;
};

} // namespace gw::test
