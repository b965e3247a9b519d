/// One manager, with at most one job for each unit; the states and what leads from one to the next
/// are those of service.c and job.c of systemd 252.
#include "systemd.hpp"

#include "players.hpp"
#include "units.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <deque>
#include <fmt/format.h>

namespace gw::simulation {

namespace {

enum class State {
    dead,
    failed,
    condition,
    start,
    running,
    stop,
    stop_sigterm,
    stop_sigkill,
    stop_post,
    auto_restart
};
constexpr std::array<std::string_view, 10> substates = {
    "dead", "failed",       "condition",    "start",     "running",
    "stop", "stop-sigterm", "stop-sigkill", "stop-post", "auto-restart"};
constexpr std::array<std::string_view, 10> active_states = {
    "inactive",     "failed",       "activating",   "activating",   "active",
    "deactivating", "deactivating", "deactivating", "deactivating", "activating"};

template <class Words> std::string_view word(const Words& words, State state) {
    return words.at(static_cast<std::size_t>(state));
}

constexpr Micros default_limit = 90'000'000;

bool is_down(State state) {
    return state == State::dead || state == State::failed;
}
bool is_deactivating(State state) {
    return word(active_states, state) == "deactivating";
}

enum class JobType { start, stop, restart };
constexpr std::array<std::string_view, 3> job_words = {"start", "stop", "restart"};

struct Job {
    int id = 0;
    JobType type = JobType::start;
    bool runs = false;
};

enum class LifeResult { success, skipped, failure };

struct Unit {
    std::string name;
    std::optional<UnitFile> file; ///< as it was read last; nullopt: not loaded
    InodePtr read_from;
    bool wanted = false; ///< by multi-user.target, as it was read last

    State state = State::dead;
    Micros since = 0;
    LifeResult result = LifeResult::success;
    bool forbids_restart = false;
    std::optional<Job> job;
    ProcessPtr main{};
    ProcessPtr control{};
    int main_code = 0; ///< si_code of waitid(2); 0: it has not ended
    int main_status = 0;
    Micros timer = for_ever;
    std::string invocation;
};

std::string signal_word(int number) {
    const char* name = ::sigabbrev_np(number);
    return name == nullptr ? std::to_string(number) : name;
}

class Systemd {
  public:
    Systemd();
    ~Systemd();
    Systemd(const Systemd&) = delete;
    Systemd& operator=(const Systemd&) = delete;

    void run();
    ToolAnswer obey(const Argv& words);
    void hear(std::string message, int pid) { told_.emplace_back(std::move(message), pid); }

  private:
    // -- files
    void read(Unit& unit);
    void reload();
    Unit& unit_of(const std::string& name);
    [[nodiscard]] static InodePtr link_of(const std::string& name);
    [[nodiscard]] static InodePtr file_of(const std::string& name);
    /// Who is down, and whom nobody wants, is unloaded.
    void collect();

    // -- jobs
    int enqueue(Unit& unit, JobType type);
    void run_job(Unit& unit);
    void finish_job(Unit& unit, bool done);
    void wake_job(Unit& unit);

    // -- a service's life
    void set(Unit& unit, State state);
    ProcessPtr spawn(Unit& unit, const Argv& command, const std::string& what);
    [[nodiscard]] bool runs_control(Unit& unit, const Argv& command, State state, Micros limit);
    void begin(Unit& unit);
    void begin_main(Unit& unit);
    void stop(Unit& unit);
    void end_by_signal(Unit& unit, LifeResult result);
    void kill_all(Unit& unit);
    void after_stop(Unit& unit);
    void end(Unit& unit);
    [[nodiscard]] static bool starts_again(const Unit& unit);
    void main_ended(Unit& unit);
    void control_ended(Unit& unit);
    void time_is_over(Unit& unit);
    void heed(Unit& unit, std::string_view message);
    void look_at(Unit& unit);

    [[nodiscard]] bool has_news() const;
    [[nodiscard]] Micros next_moment() const;
    void act();
    void begin_to_stop();

    // -- systemctl
    ToolAnswer show(const std::string& name) const;
    ToolAnswer change(const Argv& words, const std::string& name);
    ToolAnswer command(JobType type, const std::string& name, bool blocks);
    static ToolAnswer set_enabled(const std::string& name, bool enabled);
    [[nodiscard]] std::string jobs() const;

    Process* self_ = caller();
    std::map<std::string, Unit, std::less<>> units_;
    std::deque<std::pair<std::string, int>> told_; ///< and by whom
    std::map<int, bool> finished_; ///< of jobs that somebody waits for: whether it was done
    bool has_commands_ = false;
    bool boots_ = true;
    bool stops_ = false;
    int next_job_ = 1;
    int lives_ = 0;
};

Systemd*& the_systemd() {
    static Systemd* systemd = nullptr;
    return systemd;
}

Systemd::Systemd() {
    the_systemd() = this;
}
Systemd::~Systemd() {
    the_systemd() = nullptr;
}

// -- files

InodePtr Systemd::file_of(const std::string& name) {
    return the_world()->files.find(fmt::format("{}/{}", unit_directory, name));
}
InodePtr Systemd::link_of(const std::string& name) {
    return the_world()->files.find(fmt::format("{}/{}", wants_directory, name));
}

void Systemd::read(Unit& unit) {
    unit.read_from = file_of(unit.name);
    unit.file = unit.read_from ? parse_unit(unit.read_from->bytes) : std::nullopt;
}

void Systemd::reload() {
    for (auto& [name, unit] : units_) {
        read(unit);
        unit.wanted = link_of(name) != nullptr;
    }
}

Unit& Systemd::unit_of(const std::string& name) {
    auto& unit = units_[name];
    unit.name = name;
    if (!unit.file) {
        read(unit);
    }
    return unit;
}

void Systemd::collect() {
    std::erase_if(units_, [](const auto& one) {
        const auto& unit = one.second;
        return unit.state == State::dead && !unit.job && !(unit.wanted && unit.file);
    });
}

// -- jobs

int Systemd::enqueue(Unit& unit, JobType type) {
    const bool conflicts = unit.job && (unit.job->type == JobType::stop) != (type == JobType::stop);
    if (conflicts) {
        finish_job(unit, false);
    }
    if (!unit.job) {
        unit.job = Job{next_job_++, type, false};
    } else if (unit.job->type != type || type == JobType::restart) {
        unit.job->type = JobType::restart; // of a start and a restart
        unit.job->runs = false;
    }
    has_commands_ = true;
    return unit.job->id;
}

void Systemd::finish_job(Unit& unit, bool done) {
    if (unit.job) {
        finished_[unit.job->id] = done;
        unit.job.reset();
    }
}

void Systemd::run_job(Unit& unit) {
    if (!unit.job || unit.job->runs) {
        return;
    }
    if (unit.job->type == JobType::restart && is_down(unit.state)) {
        unit.job->type = JobType::start;
    }
    if (unit.job->type == JobType::start) {
        if (unit.state == State::running) {
            return finish_job(unit, true);
        }
        if (is_deactivating(unit.state) || unit.state == State::auto_restart) {
            return; // until that is over
        }
        unit.job->runs = true;
        if (is_down(unit.state)) {
            begin(unit);
        }
        return;
    }
    if (is_down(unit.state)) {
        return finish_job(unit, true);
    }
    unit.job->runs = true;
    stop(unit);
}

/// The unit has come to a state.
void Systemd::wake_job(Unit& unit) {
    if (!unit.job) {
        return;
    }
    if (unit.job->type == JobType::start) {
        if (unit.state == State::running) {
            return finish_job(unit, true);
        }
        if (unit.job->runs && is_down(unit.state)) {
            return finish_job(unit, unit.state != State::failed);
        }
    } else if (is_down(unit.state)) {
        if (unit.job->type == JobType::stop) {
            return finish_job(unit, true);
        }
        unit.job->runs = false; // of a restart the start is left
    }
    has_commands_ = true;
}

// -- a service's life

void Systemd::set(Unit& unit, State state) {
    unit.state = state;
    unit.since = the_world()->wall();
    unit.timer = for_ever;
    if (the_world()->keeps_story) {
        the_world()->tell(fmt::format("{} is {}", unit.name, word(substates, state)));
    }
    wake_job(unit);
}

ProcessPtr Systemd::spawn(Unit& unit, const Argv& command, const std::string& what) {
    const Variables variables = {
        {"%n", unit.name},
        {"$MAINPID", std::to_string(unit.main ? unit.main->pid : 0)},
    };
    auto all = variables;
    if (unit.main_code != 0) {
        all["$EXIT_CODE"] = unit.main_code == CLD_EXITED   ? "exited"
                            : unit.main_code == CLD_KILLED ? "killed"
                                                           : "dumped";
        all["$EXIT_STATUS"] = unit.main_code == CLD_EXITED ? std::to_string(unit.main_status)
                                                           : signal_word(unit.main_status);
    }
    const auto argv = expanded(command, all);
    auto told = argv;
    told[0] = "gatewayctl"; // as everywhere in a story
    auto process = fork_exec(*self_, told, what, [argv] { play_unit_command(argv); });
    for (const auto& [name, value] : unit.file->environment) {
        process->environment[name] = value;
    }
    process->environment["INVOCATION_ID"] = unit.invocation;
    process->environment["NOTIFY_SOCKET"] = "/run/systemd/notify";
    return process;
}

bool Systemd::runs_control(Unit& unit, const Argv& command, State state, Micros limit) {
    if (!unit.file || command.empty()) {
        return false;
    }
    unit.control = spawn(unit, command, fmt::format("{} of {}", word(substates, state), unit.name));
    set(unit, state);
    unit.timer = limit == for_ever ? for_ever : the_world()->now() + limit;
    return true;
}

void Systemd::begin(Unit& unit) {
    if (!unit.file) {
        return finish_job(unit, false);
    }
    unit.result = LifeResult::success;
    unit.forbids_restart = false;
    unit.main_code = 0;
    unit.main_status = 0;
    unit.invocation = fmt::format("{}-{}", unit.name, ++lives_);
    if (!runs_control(unit, unit.file->condition, State::condition, for_ever)) {
        begin_main(unit);
    }
}

void Systemd::begin_main(Unit& unit) {
    if (!unit.file) {
        return end_by_signal(unit, LifeResult::failure);
    }
    unit.main = spawn(unit, unit.file->start, "run of " + unit.file->start.back());
    set(unit, unit.file->type == "notify" ? State::start : State::running);
}

/// What a stop or restart that was asked for does to it.
void Systemd::stop(Unit& unit) {
    unit.forbids_restart = true;
    switch (unit.state) {
    case State::auto_restart:
        return set(unit, unit.result == LifeResult::failure ? State::failed : State::dead);
    case State::condition:
    case State::start:
        return end_by_signal(unit, LifeResult::success);
    case State::running:
        if (!unit.file ||
            !runs_control(unit, unit.file->stop, State::stop, unit.file->stop_limit)) {
            end_by_signal(unit, LifeResult::success);
        }
        return;
    default:
        return; // it is being stopped
    }
}

/// KillMode=mixed: SIGTERM to the main process, and SIGKILL to all when that is gone.
void Systemd::end_by_signal(Unit& unit, LifeResult result) {
    unit.result = unit.result == LifeResult::success ? result : unit.result;
    bool any = false;
    for (const auto& process : {unit.main, unit.control}) {
        if (process && process->alive) {
            the_world()->signal(*process, SIGTERM);
            any = true;
        }
    }
    if (any) {
        set(unit, State::stop_sigterm);
        unit.timer = the_world()->now() + (unit.file ? unit.file->stop_limit : default_limit);
        return;
    }
    kill_all(unit);
    after_stop(unit);
}

void Systemd::kill_all(Unit& unit) {
    auto* world = the_world();
    for (const auto& process : std::vector(world->processes())) {
        const auto found = process->environment.find("INVOCATION_ID");
        if (process->alive && found != process->environment.end() &&
            found->second == unit.invocation) {
            world->signal(*process, SIGKILL);
        }
    }
}

void Systemd::after_stop(Unit& unit) {
    if (!unit.file ||
        !runs_control(unit, unit.file->stop_post, State::stop_post, unit.file->stop_limit)) {
        end(unit);
    }
}

bool Systemd::starts_again(const Unit& unit) {
    const bool stop_waits = unit.job && unit.job->type == JobType::stop;
    if (stop_waits || unit.forbids_restart || !unit.file) {
        return false;
    }
    const bool exited = unit.main_code == CLD_EXITED;
    if (exited && unit.file->prevents.contains(unit.main_status)) {
        return false;
    }
    if (exited && unit.file->forces.contains(unit.main_status)) {
        return true;
    }
    return unit.file->restart == "always" && unit.result != LifeResult::skipped;
}

void Systemd::end(Unit& unit) {
    kill_all(unit);
    const bool again = starts_again(unit);
    unit.main.reset();
    unit.control.reset();
    set(unit, unit.result == LifeResult::failure ? State::failed : State::dead);
    if (again) {
        set(unit, State::auto_restart);
        unit.timer = the_world()->now() + unit.file->restart_pause;
    }
}

void Systemd::main_ended(Unit& unit) {
    const auto main = std::exchange(unit.main, nullptr);
    main->reaped = true;
    const bool dumped = main->exit_signal == SIGSEGV;
    unit.main_code = main->exit_signal == 0 ? CLD_EXITED : dumped ? CLD_DUMPED : CLD_KILLED;
    unit.main_status = main->exit_signal == 0 ? main->exit_code : main->exit_signal;
    const bool clean =
        main->exit_signal == SIGTERM ||
        (main->exit_signal == 0 &&
         (main->exit_code == 0 || (unit.file && unit.file->succeeds.contains(main->exit_code))));
    const auto result = clean ? LifeResult::success : LifeResult::failure;
    switch (unit.state) {
    case State::start:
        return end_by_signal(unit, LifeResult::failure); // it has never said that it is ready
    case State::running:
        return end_by_signal(unit, result);
    case State::stop_sigterm:
    case State::stop_sigkill:
        unit.result = unit.result == LifeResult::success ? result : unit.result;
        if (!unit.control) {
            after_stop(unit);
        }
        return;
    default:
        unit.result = unit.result == LifeResult::success ? result : unit.result;
        return; // when the command that runs beside it has ended
    }
}

void Systemd::control_ended(Unit& unit) {
    const auto control = std::exchange(unit.control, nullptr);
    control->reaped = true;
    const int code = control->exit_signal != 0 ? 256 : control->exit_code;
    switch (unit.state) {
    case State::condition:
        if (code == 0) {
            return begin_main(unit);
        }
        return end_by_signal(unit, code < 255 ? LifeResult::skipped : LifeResult::failure);
    case State::stop:
        return end_by_signal(unit, LifeResult::success);
    case State::stop_sigterm:
    case State::stop_sigkill:
        if (!unit.main) {
            after_stop(unit);
        }
        return;
    default:
        return end(unit);
    }
}

void Systemd::time_is_over(Unit& unit) {
    unit.timer = for_ever;
    switch (unit.state) {
    case State::auto_restart:
        (void)enqueue(unit, JobType::restart);
        return;
    case State::stop:
        return end_by_signal(unit, LifeResult::failure);
    case State::stop_sigterm:
        set(unit, State::stop_sigkill);
        [[fallthrough]];
    default:
        unit.result = LifeResult::failure;
        return kill_all(unit);
    }
}

/// NotifyAccess=main.
void Systemd::heed(Unit& unit, std::string_view message) {
    if (unit.state == State::start && message.starts_with("READY=1")) {
        set(unit, State::running);
    } else if (unit.state == State::running && message.starts_with("STOPPING=1")) {
        set(unit, State::stop_sigterm); // as if it had been told to
        unit.timer = the_world()->now() + (unit.file ? unit.file->stop_limit : default_limit);
    }
}

void Systemd::look_at(Unit& unit) {
    if (unit.main && !unit.main->alive) {
        main_ended(unit);
    }
    if (unit.control && !unit.control->alive) {
        control_ended(unit);
    }
    if (unit.timer <= the_world()->now()) {
        time_is_over(unit);
    }
}

bool Systemd::has_news() const {
    return has_commands_ || !told_.empty() || !self_->signals.empty() ||
           std::any_of(units_.begin(), units_.end(), [](const auto& one) {
               const auto& [name, unit] = one;
               return (unit.main && !unit.main->alive) || (unit.control && !unit.control->alive);
           });
}

Micros Systemd::next_moment() const {
    Micros next = for_ever;
    for (const auto& [name, unit] : units_) {
        next = std::min(next, unit.timer);
    }
    return next;
}

void Systemd::begin_to_stop() {
    stops_ = true;
    for (auto& [name, unit] : units_) {
        (void)enqueue(unit, JobType::stop);
    }
}

void Systemd::act() {
    auto& signals = self_->signals;
    for (; !signals.empty(); signals.pop_front()) {
        if (signals.front() == SIGTERM && !stops_) {
            begin_to_stop();
        }
    }
    for (; !told_.empty(); told_.pop_front()) {
        const auto& [message, pid] = told_.front();
        for (auto& [name, unit] : units_) {
            if (unit.main && unit.main->pid == pid) {
                heed(unit, message);
            }
        }
    }
    for (auto& [name, unit] : units_) {
        look_at(unit);
    }
    while (has_commands_) {
        has_commands_ = false;
        for (auto& [name, unit] : units_) {
            run_job(unit);
        }
    }
    collect();
    boots_ = boots_ && std::any_of(units_.begin(), units_.end(),
                                   [](const auto& one) { return one.second.job.has_value(); });
    for (const auto& process : the_world()->processes()) {
        process->reaped = process->reaped || (!process->alive && process->parent == self_->pid &&
                                              process->container == self_->container);
    }
}

void Systemd::run() {
    auto* world = the_world();
    self_->reads_signals = true;
    if (const auto wants = world->files.find(wants_directory)) {
        for (const auto& [name, link] : wants->entries) {
            auto& unit = unit_of(name);
            unit.wanted = true;
            if (unit.file) {
                (void)enqueue(unit, JobType::start);
            }
        }
    }
    const auto all_are_down = [this] {
        return std::all_of(units_.begin(), units_.end(), [](const auto& one) {
            return is_down(one.second.state) && !one.second.job;
        });
    };
    act();
    while (!stops_ || !all_are_down()) {
        (void)world->wait_for([this] { return has_news(); }, next_moment());
        act();
    }
    world->files.flush_volume(); // systemd-shutdown(8)
}

// -- systemctl

std::string Systemd::jobs() const {
    std::string text;
    for (const auto& [name, unit] : units_) {
        if (unit.job) {
            text += fmt::format("{} {} {} {}\n", unit.job->id, name,
                                job_words.at(static_cast<std::size_t>(unit.job->type)),
                                unit.job->runs ? "running" : "waiting");
        }
    }
    return text;
}

ToolAnswer Systemd::show(const std::string& name) const {
    if (name.empty()) {
        return {0,
                fmt::format("Version=252\nSystemState={}\n", stops_   ? "stopping"
                                                             : boots_ ? "starting"
                                                                      : "running"),
                {}};
    }
    const auto found = units_.find(name);
    Unit unit = found == units_.end() ? Unit{} : found->second;
    const auto file = file_of(name);
    const bool is_known = found != units_.end() && (unit.file || unit.state != State::dead);
    if (!is_known && file) {
        unit.file = parse_unit(file->bytes);
        unit.read_from = file;
    }
    std::string text =
        fmt::format("LoadState={}\nActiveState={}\nSubState={}\nMainPID={}\nExecMainCode={}\n"
                    "ExecMainStatus={}\nStateChangeTimestamp={}\nUnitFileState={}\n"
                    "NeedDaemonReload={}\nDropInPaths=\n",
                    unit.file ? "loaded" : "not-found", word(active_states, unit.state),
                    word(substates, unit.state), unit.main ? unit.main->pid : 0, unit.main_code,
                    unit.main_status,
                    unit.since == 0 ? std::string() : fmt::format("@{}", unit.since / 1'000'000),
                    !file           ? ""
                    : link_of(name) ? "enabled"
                                    : "disabled",
                    unit.read_from == file ? "no" : "yes");
    if (unit.job) {
        text += fmt::format("Job={}\n", unit.job->id);
    }
    if (unit.file) {
        text += fmt::format("Type={}\nFragmentPath={}/{}\nTimeoutStopUSec={}s\n", unit.file->type,
                            unit_directory, name, unit.file->stop_limit / 1'000'000);
    }
    return {0, std::move(text), {}};
}

ToolAnswer Systemd::set_enabled(const std::string& name, bool enabled) {
    auto* world = the_world();
    if (!file_of(name)) {
        return {1, {}, fmt::format("Failed to change unit: Unit file {} does not exist.", name)};
    }
    const auto wants = world->files.find(wants_directory);
    if (enabled && !link_of(name)) {
        world->files.put(wants, name, fmt::format("{}/{}", unit_directory, name), world->wall());
    } else if (!enabled && link_of(name)) {
        Files::unlink(wants, name, world->wall());
    }
    return {};
}

ToolAnswer Systemd::command(JobType type, const std::string& name, bool blocks) {
    auto* world = the_world();
    auto& unit = unit_of(name);
    if (!unit.file) {
        return {5, {}, fmt::format("Unit {} not found.", name)};
    }
    if (stops_ && type != JobType::stop) {
        return {1, {}, fmt::format("Transaction for {} is destructive (shutdown.target).", name)};
    }
    const int id = enqueue(unit, type);
    if (!blocks) {
        return {};
    }
    // The manager may be gone by then.
    (void)world->wait_for([this, id] { return the_systemd() != this || finished_.contains(id); },
                          for_ever);
    const bool done = the_systemd() == this && finished_[id];
    return done ? ToolAnswer{} : ToolAnswer{1, {}, fmt::format("Job for {} failed.", name)};
}

ToolAnswer Systemd::change(const Argv& words, const std::string& name) {
    const auto& verb = words.front();
    const bool blocks = std::find(words.begin(), words.end(), "--no-block") == words.end();
    if (const auto* const job = std::find(job_words.begin(), job_words.end(), verb);
        job != job_words.end()) {
        return command(static_cast<JobType>(job - job_words.begin()), name, blocks);
    }
    if (verb == "enable" || verb == "disable") {
        auto answer = set_enabled(name, verb == "enable");
        reload();
        return answer;
    }
    const auto found = units_.find(name);
    if (found == units_.end()) {
        return {1, {}, fmt::format("Unit {} not loaded.", name)};
    }
    auto& unit = found->second;
    if (verb == "kill") {
        kill_all(unit);
    } else if (verb == "reset-failed" && unit.state == State::failed) {
        unit.result = LifeResult::success;
        set(unit, State::dead);
    }
    return {};
}

ToolAnswer Systemd::obey(const Argv& words) {
    const auto& verb = words.front();
    const bool names_unit = words.size() > 1 && words.back().ends_with(".service");
    const auto name = names_unit ? words.back() : std::string();
    if (verb == "show") {
        return show(name);
    }
    if (verb == "list-jobs") {
        return {0, jobs(), {}};
    }
    if (the_world()->keeps_story) {
        the_world()->tell(fmt::format("{} says systemctl {} {}", caller()->what, verb, name));
    }
    if (verb == "daemon-reload") {
        reload();
        return {};
    }
    return change(words, name);
}

} // namespace

void play_systemd() {
    Systemd systemd;
    systemd.run();
}

ToolAnswer systemctl(const Argv& argv) {
    if (argv.size() == 2 && argv[1] == "--version") {
        return {0, "systemd 252 (252.39-1~deb12u1)\n", {}};
    }
    Argv words(argv.begin() + 1, argv.end());
    std::erase(words, "--no-ask-password");
    return the_systemd() == nullptr
               ? ToolAnswer{1, {}, "Failed to connect to bus: No such file or directory"}
               : the_systemd()->obey(words);
}

void tell_systemd(std::string_view message) {
    if (the_systemd() != nullptr) {
        the_systemd()->hear(std::string(message), caller()->pid);
    }
}

} // namespace gw::simulation
