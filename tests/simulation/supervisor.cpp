/// s6 in memory: s6-svscan, s6-supervise, and the tools that ask and command them, as s6 2.11
/// behaves.
#include "supervisor.hpp"
#include "calls.hpp"
#include "players.hpp"
#include "systemd.hpp"

#include "render/keeper.hpp"
#include "sys/command.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <fmt/format.h>

namespace gw::simulation {

namespace {

constexpr Micros between_starts = 1'000'000;
constexpr std::string_view slot_prefix = "gateway-";

/// The commands that wait in a control FIFO.
std::map<const Inode*, std::deque<char>>& fifos() {
    static std::map<const Inode*, std::deque<char>> all;
    return all;
}

InodePtr directory_in(const InodePtr& at, const std::string& name) {
    auto* world = the_world();
    const auto found = Files::find(at, name);
    return found ? found : world->files.make(at, name, Inode::Kind::directory, 0755, world->wall());
}

/// Makes the FIFO if needed, and reads it; the answer keeps it open.
OpenFilePtr listen(const InodePtr& directory) {
    auto* world = the_world();
    auto fifo = Files::find(directory, "control");
    fifo = fifo ? fifo
                : world->files.make(directory, "control", Inode::Kind::fifo, 0660, world->wall());
    auto file = std::make_shared<OpenFile>(fifo, O_RDONLY);
    file->reads_fifo = true;
    ++fifo->readers;
    fifos()[fifo.get()].clear();
    return file;
}

/// Whether nobody else has the lock file of this name.
bool take_lock(const InodePtr& directory) {
    auto* world = the_world();
    auto node = Files::find(directory, "lock");
    node =
        node ? node : world->files.make(directory, "lock", Inode::Kind::file, 0644, world->wall());
    auto file = std::make_shared<OpenFile>(node, O_RDWR);
    if (!node->record_locks.take(file.get(), Hold::alone)) {
        return false;
    }
    (void)add_descriptor(*caller(), std::move(file), 3, true);
    return true;
}

void replace(const InodePtr& directory, const std::string& name, const std::string& bytes) {
    auto* world = the_world();
    const auto fresh = name + ".new";
    if (Files::find(directory, fresh)) {
        Files::unlink(directory, fresh, world->wall());
    }
    world->files.put(directory, fresh, bytes, world->wall());
    Files::rename(directory, fresh, directory, name, world->wall());
}

std::string big_endian(std::uint64_t number, int size) {
    std::string bytes;
    for (int i = size - 1; i >= 0; --i) {
        bytes += static_cast<char>(number >> (8U * static_cast<unsigned>(i)) & 0xffU);
    }
    return bytes;
}

std::string stamp_of(Micros wall) {
    constexpr std::uint64_t tai_of_unix_epoch = (std::uint64_t{1} << 62U) + 37;
    return big_endian(tai_of_unix_epoch + static_cast<std::uint64_t>(wall / 1'000'000), 8) +
           big_endian(static_cast<std::uint64_t>(wall % 1'000'000 * 1000), 4);
}

/// One s6-supervise, in the process that it is.
class Supervise {
  public:
    Supervise(InodePtr slot, std::string name, bool is_logger)
        : slot_(std::move(slot)), name_(std::move(name)), is_logger_(is_logger) {}

    void run() {
        auto* world = the_world();
        world->point();
        supervise_ = directory_in(slot_, "supervise");
        (void)directory_in(slot_, "event");
        if (!take_lock(supervise_)) {
            world->exit(100);
        }
        const auto control = listen(supervise_);
        commands_ = &fifos()[control->node.get()];
        (void)add_descriptor(*self_, control, 3, true);
        self_->reads_signals = true;
        want_up_ = !Files::find(slot_, "down");
        announce();
        act();
        while (!(exits_ && state_ == State::down)) {
            (void)world->wait_for([this] { return has_news(); }, next_moment());
            act();
        }
    }

  private:
    enum class State { down, up, finish };

    [[nodiscard]] bool child_has_ended() const { return child_ && !child_->alive; }
    [[nodiscard]] bool is_ready_now() const {
        return pipe_ && !ready_ && !pipe_->node->bytes.empty();
    }
    [[nodiscard]] bool has_news() const {
        return !commands_->empty() || !self_->signals.empty() || child_has_ended() ||
               is_ready_now();
    }
    [[nodiscard]] Micros next_moment() const {
        return state_ == State::down && want_up_ ? may_start_ : kill_at_;
    }

    void act() {
        auto* world = the_world();
        auto& signals = self_->signals;
        for (; !signals.empty(); signals.pop_front()) {
            if (signals.front() == SIGTERM || (signals.front() == SIGHUP && is_logger_)) {
                command('d');
                command('x');
            }
        }
        for (; !commands_->empty(); commands_->pop_front()) {
            command(commands_->front());
        }
        if (is_ready_now()) {
            ready_ = true;
            announce();
        }
        if (kill_at_ <= world->now() && child_) {
            kill_at_ = for_ever;
            world->signal(*child_, SIGKILL);
        }
        if (child_has_ended()) {
            ended();
        }
        if (state_ == State::down && want_up_ && !exits_ && may_start_ <= world->now()) {
            start();
        }
    }

    void command(char letter) {
        auto* world = the_world();
        switch (letter) {
        case 'D':
            if (!Files::find(slot_, "down")) {
                world->files.put(slot_, "down", "", world->wall());
            }
            return command('d');
        case 'U':
            if (Files::find(slot_, "down")) {
                Files::unlink(slot_, "down", world->wall());
            }
            return command('u');
        case 'd':
            want_up_ = false;
            if (state_ == State::up) {
                kill_at_ = world->now() + limit("timeout-kill");
                world->signal(*child_, SIGTERM);
            }
            return announce();
        case 'u':
            want_up_ = true;
            return announce();
        case 'k':
        case 't':
            if (state_ == State::up) {
                world->signal(*child_, letter == 'k' ? SIGKILL : SIGTERM);
            }
            return;
        case 'x':
            exits_ = true;
            return;
        default:
            return;
        }
    }

    [[nodiscard]] Micros limit(const char* file) const {
        const auto found = Files::find(slot_, file);
        const long milliseconds =
            found ? std::atol(found->bytes.c_str()) : 0; // NOLINT(cert-err34-c): 0 is none
        return milliseconds == 0 ? for_ever / 2 : milliseconds * 1000;
    }

    void start() {
        auto* world = the_world();
        may_start_ = world->now() + between_starts;
        if (is_logger_) { // it has no process of its own here
            return;
        }
        child_ = is_keeper_
                     ? fork_exec(*self_, {"gatewayctl", "keep-volume"}, "keeper", play_keeper)
                     : fork_exec(*self_, {"gatewayctl", "run", "--", "program", profile_},
                                 "run of " + profile_, [name = profile_] { play_run(name); });
        child_->working_directory = slot_;
        ready_ = false;
        if (Files::find(slot_, "notification-fd")) {
            auto ends = make_pipe_ends();
            pipe_ = ends.read;
            child_->descriptors[notification_number] = {ends.write, false};
        }
        state_ = State::up;
        kill_at_ = for_ever;
        announce();
    }

    void ended() {
        const auto child = std::exchange(child_, nullptr);
        child->reaped = true;
        if (state_ == State::up) {
            last_code_ = child->exit_code;
            last_signal_ = child->exit_signal;
            kill_at_ = for_ever;
            pipe_.reset();
            ready_ = false;
            tally();
            if (!Files::find(slot_, "finish")) {
                state_ = State::down;
                return announce();
            }
            const int code = last_signal_ != 0 ? 256 : last_code_;
            child_ = fork_exec(*self_, {"gatewayctl", "after-exit"}, "finish of " + name_,
                               [name = profile_, code, number = last_signal_] {
                                   name.empty() ? play_keeper_finish(code)
                                                : play_finish(name, code, number);
                               });
            child_->working_directory = slot_;
            state_ = State::finish;
        } else {
            state_ = State::down;
            constexpr int permanent_failure = 125;
            want_up_ = want_up_ && child->exit_code != permanent_failure;
        }
        announce();
    }

    void tally() {
        auto* world = the_world();
        const auto old = Files::find(supervise_, "death_tally");
        replace(supervise_, "death_tally",
                (old ? old->bytes : std::string()) + stamp_of(world->wall()) + "x");
    }

    /// The file that s6-svstat reads; see src/supervise/s6/status_file.cpp.
    void announce() {
        auto* world = the_world();
        const int pid = child_ ? child_->pid : 0;
        const int wait_status = last_signal_ != 0 ? last_signal_ : last_code_ << 8;
        const int flags = (state_ == State::finish ? 2 : 0) | (want_up_ ? 4 : 0) | (ready_ ? 8 : 0);
        const auto stamp = stamp_of(world->wall());
        replace(supervise_, "status",
                stamp + stamp + big_endian(static_cast<std::uint64_t>(pid), 8) +
                    big_endian(static_cast<std::uint64_t>(wait_status), 2) +
                    static_cast<char>(flags));
    }

    Process* self_ = caller();
    InodePtr slot_;
    std::string name_;
    bool is_logger_;
    bool is_keeper_ = name_ == keeper_name;
    std::string profile_ = is_keeper_ || is_logger_ ? "" : name_.substr(slot_prefix.size());
    InodePtr supervise_;
    std::deque<char>* commands_ = nullptr;
    State state_ = State::down;
    bool want_up_ = false;
    bool exits_ = false;
    bool ready_ = false;
    ProcessPtr child_;
    OpenFilePtr pipe_;
    Micros may_start_ = 0;
    Micros kill_at_ = for_ever;
    int last_code_ = 0;
    int last_signal_ = 0;
};

/// s6-svscan, in the process that it is.
class Svscan {
  public:
    explicit Svscan(InodePtr scandir) : scandir_(std::move(scandir)) {}

    void run() {
        auto* world = the_world();
        const auto own = directory_in(scandir_, ".s6-svscan");
        if (!take_lock(own)) {
            world->exit(100);
        }
        const auto control = listen(own);
        auto& commands = fifos()[control->node.get()];
        (void)add_descriptor(*self_, control, 3, true);
        self_->reads_signals = true;
        scan();
        while (!ends_ || !services_.empty()) {
            (void)world->wait_for(
                [&] { return !commands.empty() || !self_->signals.empty() || any_has_ended(); },
                next_start());
            auto& signals = self_->signals;
            for (; !signals.empty(); signals.pop_front()) {
                if (signals.front() == SIGTERM) {
                    begin_to_stop(own);
                }
            }
            for (; !commands.empty(); commands.pop_front()) {
                obey(commands.front());
            }
            look_after();
        }
        if (Files::find(own, "finish")) {
            // It becomes that one, which closes what is to be closed.
            std::erase_if(self_->descriptors, [](const auto& one) { return one.second.second; });
            self_->what = "after-stop";
            play_after_stop(Files::path_of(*scandir_));
        }
    }

  private:
    struct Service {
        InodePtr directory;
        std::string name;
        bool is_logger = false;
        bool active = true;
        ProcessPtr process;
        Micros start_at = 0;
    };

    /// Unless the tree has a script of its own for it.
    void begin_to_stop(const InodePtr& own) {
        if (!Files::find(own, "SIGTERM")) {
            return obey('t');
        }
        (void)fork_exec(*self_, {"gatewayctl", "before-stop"}, "before-stop",
                        [path = Files::path_of(*scandir_)] { play_before_stop(path); });
    }
    void obey(char letter) {
        if (letter == 'a') {
            scan();
        } else if (letter == 'n') {
            nuke();
        } else if (letter == 't') {
            ends_ = true;
            terminate();
        }
    }
    [[nodiscard]] bool any_has_ended() const {
        return std::any_of(services_.begin(), services_.end(),
                           [](const auto& one) { return one.process && !one.process->alive; });
    }
    [[nodiscard]] Micros next_start() const {
        Micros next = for_ever;
        for (const auto& one : services_) {
            next = one.process ? next : std::min(next, one.start_at);
        }
        return next;
    }
    void scan() {
        for (auto& one : services_) {
            one.active = false;
        }
        for (const auto& [name, inode] : scandir_->entries) {
            if (inode->kind == Inode::Kind::directory && !name.starts_with('.')) {
                keep(inode, name, false);
                if (const auto log = Files::find(inode, "log")) {
                    keep(log, name + "/log", true);
                }
            }
        }
        look_after();
    }
    void keep(const InodePtr& directory, const std::string& name, bool is_logger) {
        const auto found = std::find_if(services_.begin(), services_.end(), [&](const auto& one) {
            return one.directory == directory;
        });
        if (found != services_.end()) {
            found->active = true;
        } else {
            services_.push_back({directory, name, is_logger, true, nullptr, 0});
        }
    }
    void nuke() {
        for (auto& one : services_) {
            if (!one.active && one.process) {
                the_world()->signal(*one.process, one.is_logger ? SIGHUP : SIGTERM);
            }
        }
    }
    void terminate() {
        for (auto& one : services_) {
            one.active = false;
        }
        nuke();
    }
    void look_after() {
        auto* world = the_world();
        for (const auto& process : world->processes()) {
            process->reaped =
                process->reaped || (!process->alive && process->parent == self_->pid &&
                                    process->container == self_->container);
        }
        for (auto& one : services_) {
            if (one.process && !one.process->alive) {
                one.process.reset();
                one.start_at = world->now() + between_starts;
            }
        }
        std::erase_if(services_, [](const auto& one) { return !one.active && !one.process; });
        for (auto& one : services_) {
            if (!one.process && one.start_at <= world->now()) {
                one.process = fork_exec(
                    *self_, {"s6-supervise", one.name}, "s6-supervise of " + one.name,
                    [directory = one.directory, name = one.name, is_logger = one.is_logger] {
                        Supervise(directory, name, is_logger).run();
                    });
                one.process->fragile = !one.is_logger;
            }
        }
    }

    Process* self_ = caller();
    InodePtr scandir_;
    std::vector<Service> services_;
    bool ends_ = false;
};

ToolAnswer to_fifo(const std::string& directory, const std::string& letters, int unheard) {
    auto* world = the_world();
    const auto fifo = world->files.find(directory + "/control");
    if (!fifo || fifo->readers == 0) {
        return {unheard, {}, "supervisor not listening"};
    }
    for (const char letter : letters) {
        fifos()[fifo.get()].push_back(letter);
    }
    if (world->keeps_story) {
        world->tell(fmt::format("{} says -{} to {}", caller()->what, letters, directory));
    }
    return {};
}

std::uint64_t number_in(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) {
        number = number << 8U | static_cast<unsigned char>(byte);
    }
    return number;
}

/// `s6-svstat -o pid,up,wantedup,ready,exitcode,signum,updownfor,updownsince`.
ToolAnswer svstat(const std::string& slot, std::string_view fields) {
    auto* world = the_world();
    const auto fifo = world->files.find(slot + "/supervise/control");
    if (!fifo || fifo->readers == 0) {
        return {1, {}, {}};
    }
    const auto status = world->files.find(slot + "/supervise/status");
    if (!status) {
        return {111, {}, "unable to read status for " + slot + ": No such file or directory"};
    }
    const std::string_view bytes = status->bytes;
    const auto flags = static_cast<unsigned char>(bytes[34]);
    const auto pid = static_cast<int>(number_in(bytes.substr(24, 8)));
    const int wait_status = static_cast<int>(number_in(bytes.substr(32, 2)));
    const bool up = pid > 0 && (flags & 2U) == 0;
    const bool wants_up = (flags & 4U) != 0;
    if (fields == "wantedup") {
        return {0, wants_up ? "true\n" : "false\n", {}};
    }
    const int number = wait_status & 0x7f;
    std::string label = "@";
    for (const char byte : bytes.substr(0, 12)) {
        label += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    }
    return {0,
            fmt::format("{} {} {} {} {} {} {} {}\n", up ? pid : -1, up, wants_up, (flags & 8U) != 0,
                        up || number != 0 ? -1 : wait_status >> 8, up || number == 0 ? -1 : number,
                        1, label),
            {}};
}

/// `s6-svwait -U -t MS SLOT`.
ToolAnswer svwait(const std::string& limit, const std::string& slot) {
    auto* world = the_world();
    const auto is_ready = [world, slot] {
        const auto status = world->files.find(slot + "/supervise/status");
        constexpr std::size_t flags = 34;
        return status && (static_cast<unsigned char>(status->bytes.at(flags)) & 8U) != 0;
    };
    const auto until = world->now() + std::stoll(limit) * 1000;
    return world->wait_for(is_ready, until) ? ToolAnswer{} : ToolAnswer{99, {}, "timed out"};
}

} // namespace

ToolAnswer run_tool(const Argv& argv) {
    auto* world = the_world();
    world->point();
    const auto& tool = argv.front();
    ToolAnswer answer{127, {}, "not simulated: " + tool};
    if (tool == "s6-svstat") {
        answer = svstat(argv[3] == "." ? Files::path_of(*caller()->working_directory) : argv[3],
                        argv[2]);
    } else if (tool == "s6-svc") {
        answer = to_fifo(argv[2] + "/supervise", argv[1].substr(1), 100);
    } else if (tool == "s6-svscanctl") {
        answer = to_fifo(argv[2] + "/.s6-svscan", argv[1].substr(1), 100);
    } else if (tool == "s6-svwait") {
        answer = svwait(argv[3], argv[4]);
    } else if (tool == "systemctl") {
        answer = systemctl(argv);
    } else if (tool == "s6-svscan") {
        answer = {
            100, {}, "s6-svscan: usage: s6-svscan [ -c services ] [ -d notif ] [ scandir ]\n"};
    }
    world->point();
    return answer;
}

void become_svscan(const std::string& scandir) {
    auto* world = the_world();
    if (!caller()->alive) {
        throw Gone{}; // whoever was killed during its boot pass becomes nothing any more
    }
    caller()->what = "s6-svscan";
    Svscan(world->files.find(scandir)).run();
    world->exit(0);
}

void forget_fifos() {
    fifos().clear();
}

} // namespace gw::simulation

namespace gw::sys {

Result<std::string> find_tool(const std::string& name) {
    return "/usr/bin/" + name;
}

Result<CommandOutput> query(const Argv& argv, std::chrono::milliseconds /*deadline*/) {
    auto answer = simulation::run_tool(argv);
    return CommandOutput{answer.code, std::move(answer.out), std::move(answer.err)};
}

std::vector<Result<CommandOutput>> query_all(std::span<const Argv> tools,
                                             std::chrono::milliseconds deadline) {
    std::vector<Result<CommandOutput>> all;
    for (const auto& argv : tools) {
        all.push_back(query(argv, deadline));
    }
    return all;
}

Error replace_self(const Argv& /*argv*/) {
    return {Errc::unsupported, "not simulated", {}};
}
Error replace_self_by_command(const Argv& /*argv*/) {
    return {Errc::unsupported, "not simulated", {}};
}

} // namespace gw::sys
