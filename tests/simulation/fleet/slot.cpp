#include "slot.hpp"

#include "member.hpp"

namespace gw::fleet_simulation {

namespace {

/// Of run: a marker, or a place that comes, is noticed this soon.
constexpr milliseconds look_again{2'000};
constexpr milliseconds look_at_fence{250};

} // namespace

Slot*& the_slot() {
    static Slot* slot = nullptr;
    return slot;
}

namespace {

/// While it lives, the code of a slot of this member runs.
class Within {
  public:
    Within(Member& member, Slot& slot) {
        the_member() = &member;
        the_slot() = &slot;
    }
    ~Within() {
        the_member() = nullptr;
        the_slot() = nullptr;
    }
    Within(const Within&) = delete;
    Within& operator=(const Within&) = delete;
};

} // namespace

void Slot::up() {
    wanted_up_ = true;
    if (state_ == State::down) {
        spawn();
    }
}

void Slot::down() {
    wanted_up_ = false;
    if (state_ == State::waiting) {
        state_ = State::down;
        ++life_number_;
        guard_.reset();
    } else if (state_ == State::running) {
        begin_drain();
    }
}

void Slot::spawn() {
    const Within within(member_, *this);
    state_ = State::waiting;
    run_stopped_ = false;
    last_resort_.reset();
    ++life_number_;
    auto guard = run::FenceGuard::open({member_.fence_path(), *ProfileName::parse(profile_)});
    guard_.emplace(std::move(*guard));
    turn_after(world_.dice.between(milliseconds(1), milliseconds(40)));
}

void Slot::turn_after(Nanos span) {
    world_.after(span + member_.lateness(), [this, number = life_number_] {
        if (number == life_number_) {
            turn();
        }
    });
}

void Slot::turn_at_alarm() {
    const auto at = member_.true_time_of(alarm_);
    turn_after(std::min<Nanos>(look_again, std::max(at - world_.now(), Nanos(0))));
}

void Slot::turn() {
    if (run_stopped_ || member_.is_frozen() || state_ == State::down) {
        return; // whoever continues it has it look
    }
    const Within within(member_, *this);
    if (state_ == State::waiting) {
        if (guard_->begin_life()) {
            state_ = State::running;
            life_ = Life{member_.index(), profile_, guard_->token().value};
            world_.life_begins(*life_);
            turn_at_alarm();
        } else {
            turn_after(look_at_fence);
        }
        return;
    }
    switch (guard_->look()) {
    case FenceVerdict::open:
        turn_at_alarm();
        break;
    case FenceVerdict::ending:
        if (state_ == State::running) {
            begin_drain();
        }
        turn_at_alarm();
        break;
    case FenceVerdict::closed:
        end_life();
        break;
    }
}

/// Some do not end before s6 kills them, which is later than their lease may last.
void Slot::begin_drain() {
    constexpr seconds kill_timeout{6};
    state_ = State::draining;
    const auto span = world_.dice.chance(10) ? Nanos(kill_timeout)
                                             : world_.dice.between(milliseconds(5), seconds(1));
    world_.after(span, [this, number = life_number_] {
        member_.when_awake([this, number] {
            if (number == life_number_ && state_ == State::draining) {
                end_life();
            }
        });
    });
}

void Slot::end_life() {
    if (life_) {
        world_.life_ends(*std::exchange(life_, std::nullopt));
    }
    guard_.reset();
    last_resort_.reset();
    ++life_number_;
    state_ = State::down;
    if (wanted_up_) {
        world_.after(world_.dice.between(milliseconds(50), milliseconds(500)),
                     [this, number = life_number_] {
                         member_.when_awake([this, number] {
                             if (number == life_number_ && wanted_up_) {
                                 spawn();
                             }
                         });
                     });
    }
}

void Slot::continue_run() {
    if (std::exchange(run_stopped_, false) && state_ != State::down) {
        turn_after(Nanos(0));
    }
}

/// The gateway dies of its parent's death.
void Slot::kill_run() {
    if (state_ != State::down) {
        end_life();
    }
}

void Slot::vanish() {
    wanted_up_ = false;
    end_life();
}

void Slot::set_last_resort(BootTime at) {
    last_resort_ = at;
    world_.at(std::max(world_.now(), member_.true_time_of(at)), [this] { heed_last_resort(); });
}

/// The kernel does it, whoever sleeps.
void Slot::heed_last_resort() {
    if (last_resort_ && lives() && member_.boot_time() >= *last_resort_) {
        end_life();
    }
}

} // namespace gw::fleet_simulation
