#include "world.hpp"

#include <algorithm>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <csignal>
#include <cxxabi.h>
#include <exception>
#include <fmt/format.h>
#include <iterator>

namespace gw::simulation {

namespace {

/// What the C++ run-time keeps of a thread's exceptions; each fiber has its own.
struct Exceptions {
    void* caught;
    unsigned int uncaught;
};

Exceptions& exceptions_now() {
    return *reinterpret_cast<Exceptions*>(abi::__cxa_get_globals()); // NOLINT: the ABI's own layout
}

boost::context::pooled_fixedsize_stack& stacks() {
    static boost::context::pooled_fixedsize_stack pool(std::size_t{1} << 19U);
    return pool;
}

/// What a step of the simulation takes of the machine's time.
constexpr Micros step_time = 5;
constexpr int first_pid = 100;
/// A world has some thousands.
constexpr std::uint64_t most_steps = 1'000'000;

} // namespace

World*& the_world() {
    static World* world = nullptr;
    return world;
}

World::World(Chance& of) : chance(of) {
    the_world() = this;
    random_state_ = chance.draw(UINT64_MAX) | 1U;
    boot_id_ = fmt::format("boot-{:08x}", ++boots_);
}

World::~World() {
    for (std::size_t i = 0; i < processes_.size(); ++i) {
        unwind(*processes_[i]);
    }
    the_world() = nullptr;
}

std::uint64_t World::next_random() {
    // splitmix64
    std::uint64_t z = (random_state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
}

void World::step_wall_clock(Micros by) {
    wall_offset_ += by;
    tell(fmt::format("the wall clock steps by {} s", by / 1'000'000));
}

ProcessPtr World::spawn(int container, int parent, Argv argv, std::string what,
                        std::function<void()> body) {
    auto process = std::make_shared<Process>();
    auto& next = next_pid_.try_emplace(container, first_pid).first->second;
    process->pid = next++;
    process->container = container;
    process->parent = parent;
    process->start_ticks = static_cast<std::uint64_t>(now_ / 10'000);
    process->argv = std::move(argv);
    process->what = std::move(what);
    process->body = std::move(body);
    process->working_directory = files.root();
    Process* self = process.get();
    process->fiber = boost::context::fiber(
        std::allocator_arg, stacks(), [self, this](boost::context::fiber&& scheduler) {
            self->caller = &scheduler;
            try {
                if (self->alive) {
                    self->body();
                    end(*self, 0, 0);
                }
            } catch (const Gone&) { // NOLINT(bugprone-empty-catch): it has ended
            }
            return std::move(scheduler);
        });
    processes_.push_back(process);
    return process;
}

ProcessPtr World::find(int container, int pid) const {
    for (const auto& process : processes_) {
        if (process->container == container && process->pid == pid && !process->reaped) {
            return process;
        }
    }
    return nullptr;
}

void World::resume(Process& process) {
    auto* before = std::exchange(current_, &process);
    auto& now = exceptions_now();
    const Exceptions outer = now;
    now = {process.exceptions, process.uncaught};
    process.fiber = std::move(process.fiber).resume();
    process.exceptions = now.caught;
    process.uncaught = now.uncaught;
    now = outer;
    current_ = before;
}

void World::switch_out() {
    auto& process = *current_;
    *process.caller = std::move(*process.caller).resume();
}

bool World::lives_on(Call call) const {
    if (!current_->alive && call == Call::may_throw && std::uncaught_exceptions() == 0) {
        throw Gone{};
    }
    return current_->alive;
}

void World::unwind(Process& process) {
    process.alive = false;
    if (process.fiber && &process != current_) {
        resume(process);
    }
    process.descriptors.clear();
}

void World::end(Process& process, int code, int number) {
    if (!process.alive) {
        return;
    }
    process.alive = false;
    process.exit_code = code;
    process.exit_signal = number;
    process.descriptors.clear();
    for (const auto& other : std::vector(processes_)) {
        if (other->alive && other->container == process.container && other->parent == process.pid) {
            other->parent = 1;
            if (other->parents_death_signal != 0) {
                signal(*other, other->parents_death_signal);
            }
        }
    }
    const auto parent = find(process.container, process.parent);
    if (parent && parent->alive) {
        if (parent->reads_signals) {
            parent->signals.push_back(SIGCHLD);
        }
    } else {
        process.reaped = true;
    }
    if (on_end) {
        on_end(process);
    }
    if (&process != current_) {
        unwind(process);
    }
}

void World::signal(Process& process, int number) {
    if (!process.alive) {
        return;
    }
    if (process.reads_signals && number != SIGKILL) {
        process.signals.push_back(number);
        return;
    }
    if (number == SIGCONT || number == SIGCHLD || number == 0) {
        return;
    }
    end(process, 0, number);
}

bool World::point(Call call) {
    auto* process = current_;
    if (process == nullptr) {
        return true;
    }
    if (process->alive && std::uncaught_exceptions() == 0) {
        ++steps_;
        now_ += step_time;
        if (steps_ == most_steps) {
            violated("the world does not come to rest");
            switch_out();
        }
        if (const Turn turn = chance.at_point(*this, *process); turn != Turn::go_on) {
            disturb(*process, turn);
        }
    }
    return lives_on(call);
}

void World::disturb(Process& process, Turn turn) {
    switch (turn) {
    case Turn::go_on:
        return;
    case Turn::another:
        switch_out();
        return;
    case Turn::kill:
        --adversities_left;
        tell(fmt::format("SIGKILL to {}", process.what));
        signal(process, SIGKILL);
        return;
    case Turn::kill_somebody:
        --adversities_left;
        return kill_somebody();
    case Turn::cut_power:
        --adversities_left;
        tell(fmt::format("the power is cut, in the middle of {}", process.what));
        cut_power();
        return;
    case Turn::stall:
        --adversities_left;
        process.wait = Wait{{}, now_ + static_cast<Micros>(chance.draw(4'000'000))};
        tell(fmt::format("{} gets no processor for {} ms", process.what,
                         (process.wait->until - now_) / 1000));
        switch_out();
        process.wait.reset();
        return;
    case Turn::step_clock:
        --adversities_left;
        step_wall_clock((static_cast<Micros>(chance.draw(8)) - 4) * 45'000'000);
        return;
    }
}

void World::kill_somebody() {
    std::vector<ProcessPtr> victims;
    std::copy_if(processes_.begin(), processes_.end(), std::back_inserter(victims),
                 [](const auto& one) { return one->alive && one->fragile; });
    if (!victims.empty()) {
        const auto victim = victims[chance.draw(victims.size())];
        tell(fmt::format("SIGKILL to {}", victim->what));
        signal(*victim, SIGKILL);
    }
}

bool World::wait_for(std::function<bool()> ready, Micros until) {
    auto* process = current_;
    if (!point() || (ready && ready())) {
        return true;
    }
    process->wait = Wait{ready, until};
    switch_out();
    process->wait.reset();
    (void)lives_on(Call::may_throw);
    return ready && ready();
}

void World::sleep(Micros span) {
    (void)wait_for({}, now_ + span);
}

void World::exit(int code) {
    end(*current_, code, 0);
    throw Gone{};
}

bool World::is_runnable(const Process& process) const {
    return process.alive && process.fiber &&
           (!process.wait || process.wait->until <= now_ ||
            (process.wait->ready && process.wait->ready()));
}

void World::forget_dead() {
    std::erase_if(processes_, [](const auto& process) { return process->reaped; });
}

bool World::run_until(const std::function<bool()>& done, Micros until) {
    std::vector<ProcessPtr> runnable;
    Process* last = nullptr;
    while (!done()) {
        if (power_cut_ || !violation_.empty() || now_ >= until) {
            return false;
        }
        forget_dead();
        runnable.clear();
        Micros next = until;
        std::optional<std::size_t> current;
        for (const auto& process : processes_) {
            if (is_runnable(*process)) {
                current = process.get() == last ? std::optional(runnable.size()) : current;
                runnable.push_back(process);
            } else if (process->alive && process->wait) {
                next = std::min(next, process->wait->until);
            }
        }
        if (runnable.empty()) {
            now_ = std::max(now_, next);
            continue;
        }
        const auto chosen =
            runnable[runnable.size() == 1 ? 0 : chance.next_of(runnable.size(), current)];
        last = chosen.get();
        resume(*chosen);
    }
    return true;
}

void World::kill_container(int container) {
    // Everybody at once: nobody hears of another's death.
    for (const auto& process : std::vector(processes_)) {
        if (process->container == container) {
            process->reaped = true;
            process->alive = false;
            process->descriptors.clear();
            if (process.get() != current_) {
                unwind(*process);
            }
        }
    }
    next_pid_.erase(container);
}

void World::cut_power() {
    power_cut_ = true;
    auto* self = current_;
    for (const auto& process : std::vector(processes_)) {
        process->reaped = true;
        process->alive = false;
        process->descriptors.clear();
        if (process.get() != self) {
            unwind(*process);
        }
    }
}

void World::power_is_back() {
    processes_.clear();
    next_pid_.clear();
    files.cut_power([this](std::uint64_t below) { return chance.draw(below); });
    boot_id_ = fmt::format("boot-{:08x}", ++boots_);
    wall_offset_ += now_ + 5'000'000;
    now_ = 10'000'000 + static_cast<Micros>(chance.draw(20'000'000));
    wall_offset_ -= now_;
    power_cut_ = false;
}

void World::tell(std::string line) {
    if (keeps_story) {
        story_.push_back(
            fmt::format("{:>10.3f}  {}", static_cast<double>(now_) / 1e6, std::move(line)));
    }
}

void World::violated(const std::string& rule) {
    if (violation_.empty()) {
        violation_ = rule;
        tell("VIOLATED: " + rule);
    }
}

} // namespace gw::simulation
