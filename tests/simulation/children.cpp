/// Children of `gatewayctl run`: signals as events, the gateway's process, its word that it is
/// ready.
#include "calls.hpp"
#include "players.hpp"
#include "systemd.hpp"

#include "sys/child.hpp"
#include "sys/readiness.hpp"

#include <algorithm>
#include <csignal>

namespace gw::simulation {

bool is_ready(const Process& process, const OpenFile& file) {
    switch (file.type) {
    case FileType::signals:
        return !process.signals.empty();
    case FileType::pipe:
        return !file.node->bytes.empty();
    case FileType::regular:
    case FileType::proc:
    case FileType::news:
        break;
    }
    return false;
}

ProcessPtr fork_exec(Process& parent, Argv argv, std::string what, std::function<void()> body) {
    auto child = the_world()->spawn(parent.container, parent.pid, std::move(argv), std::move(what),
                                    std::move(body));
    child->environment = parent.environment;
    child->working_directory = parent.working_directory;
    for (const auto& [number, descriptor] : parent.descriptors) {
        if (!descriptor.second) {
            child->descriptors.emplace(number, descriptor);
        }
    }
    return child;
}

PipeEnds make_pipe_ends() {
    auto node = std::make_shared<Inode>();
    PipeEnds ends{std::make_shared<OpenFile>(node, 0), std::make_shared<OpenFile>(node, 1)};
    ends.read->type = FileType::pipe;
    ends.write->type = FileType::pipe;
    return ends;
}

} // namespace gw::simulation

namespace gw::sys {

using simulation::Process;
using simulation::the_world;

namespace {

Process& me() {
    return *simulation::caller();
}

/// Who has this pid where this process is.
simulation::ProcessPtr other(Pid pid) {
    return the_world()->find(me().container, pid.value);
}

bool is_below(const Process& process, const Process& ancestor) {
    for (auto at = the_world()->find(process.container, process.parent); at;
         at = the_world()->find(at->container, at->parent)) {
        if (at.get() == &ancestor) {
            return true;
        }
    }
    return false;
}

} // namespace

Result<SignalEvents> SignalEvents::open() {
    auto file = std::make_shared<simulation::OpenFile>(nullptr, 0);
    file->type = simulation::FileType::signals;
    me().reads_signals = true;
    return SignalEvents(UniqueFd(simulation::add_descriptor(me(), std::move(file), 3, true)), 0,
                        false);
}

std::optional<SignalEvents::Event> SignalEvents::next() {
    the_world()->point();
    auto& pending = me().signals;
    if (pending.empty()) {
        return std::nullopt;
    }
    const int number = pending.front();
    pending.pop_front();
    return Event{number, SignalOrigin::process};
}

Result<PipeToChild> make_pipe_to_child() {
    return fail(Errc::unsupported, "no logger is simulated");
}

Result<Pid> start_child(const Argv& argv, const SignalEvents& /*signals*/,
                        const ChildSetup& setup) {
    the_world()->point();
    auto& self = me();
    const auto& profile = argv.back();
    auto child = simulation::fork_exec(self, argv, "the gateway of " + profile,
                                       [profile] { simulation::play_gateway(profile); });
    child->parents_death_signal = setup.parent_death_signal;
    child->fragile = false; // it is its front that is killed, and takes it along
    if (setup.descriptor) {
        child->descriptors[setup.descriptor->second] = {
            simulation::open_file_of(self, setup.descriptor->first), false};
    }
    for (const auto& [name, value] : setup.environment) {
        child->environment[name] = value;
    }
    return Pid{child->pid};
}

void drop_idle_code() {}

Result<void> adopt_orphans() {
    return {};
}

void hear_of_parents_death(int number) {
    me().parents_death_signal = number;
}

std::optional<Reaped> reap() {
    for (const auto& process : the_world()->processes()) {
        if (!process->alive && !process->reaped && process->container == me().container &&
            process->parent == me().pid) {
            process->reaped = true;
            const bool killed = process->exit_signal != 0;
            return Reaped{Pid{process->pid},
                          {killed ? ChildEnd::Kind::killed : ChildEnd::Kind::exited,
                           killed ? process->exit_signal : process->exit_code}};
        }
    }
    return std::nullopt;
}

bool handles_signal(Pid /*pid*/, int /*number*/) {
    return false;
}

void send_signal(Pid child, int number) {
    send_signal(ProcessIdentity{child, std::nullopt}, number);
}

void send_signal(const ProcessIdentity& process, int number) {
    the_world()->point();
    const auto target = other(process.pid);
    if (target && (!process.start_time || process.start_time->ticks == target->start_ticks)) {
        the_world()->signal(*target, number);
    }
}

void continue_stopped(const ProcessIdentity& /*process*/) {}

std::vector<ProcessIdentity> descendants() {
    std::vector<ProcessIdentity> all;
    for (const auto& process : the_world()->processes()) {
        if (process->alive && process->container == me().container && is_below(*process, me())) {
            all.push_back({Pid{process->pid}, StartTime{process->start_ticks}});
        }
    }
    return all;
}

Result<Pipe> make_pipe() {
    auto ends = simulation::make_pipe_ends();
    return Pipe{UniqueFd(simulation::add_descriptor(me(), std::move(ends.read), 3, true)),
                UniqueFd(simulation::add_descriptor(me(), std::move(ends.write), 3, true))};
}

std::optional<UniqueFd> take_notification_fd(int number) {
    const auto file = simulation::open_file_of(me(), number);
    if (!file || file->type != simulation::FileType::pipe) {
        return std::nullopt;
    }
    me().descriptors[number].second = true;
    return UniqueFd(simulation::add_descriptor(me(), file, 3, true));
}

void tell_ready(UniqueFd& notification_fd) {
    if (const auto file = simulation::open_file_of(me(), notification_fd.get())) {
        file->node->bytes += '\n';
    }
    notification_fd.reset();
}

bool is_inherited(int /*number*/) {
    return false;
}

PipeNews read_notification(const UniqueFd& read_end) {
    const auto file = simulation::open_file_of(me(), read_end.get());
    return file && !file->node->bytes.empty() ? PipeNews::newline : PipeNews::nothing;
}

Result<NotifyListener> NotifyListener::open() {
    return fail(Errc::unsupported, "no socket is simulated");
}
std::optional<std::string> NotifyListener::next() {
    return std::nullopt;
}
void notify_supervisor(const std::string& /*socket*/, std::string_view message) {
    the_world()->point();
    simulation::tell_systemd(message);
}

} // namespace gw::sys
