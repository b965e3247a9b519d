// A gateway that plays any part a test needs, by flags. It depends on nothing but the C and C++
// libraries, so that it says something about the supervisor and never about itself.
//
// life:      --exit-after-ms N, --exit-code C (also after a drain), --ask-restart-after-ms N (75),
//            --crash-after-ms N, --crash-signal S (default 9)
// readiness: --ready-after-ms N, --never-ready, --ready-fd N (s6), --ready-notify-socket (systemd)
// stop:      --drain-ms N, --ignore-term, --log-lines-during-drain N, --consume-marker HOME
// family:    --children N, --orphans N (double fork), --children-ignore-term
// state:     --write-state FILE, --write-state-every-ms N
// record:    --event-log FILE, --echo-env FILE (JSON), --lives FILE, --lives-every-ms N (2),
//            --lives-apart (each life in a file of its own, FILE.MEMBER.BEGIN)
// network:   --bind-port-env VARIABLE (127.0.0.1)
// rest:      what follows "--" is not looked at: it may be the arguments of a real gateway
//
// SIGTERM and SIGINT start the drain, SIGUSR1 starts one that ends with 75 (a restart is asked
// for); every further signal is recorded only. A line of the event log is
// "MILLISECONDS PID EVENT [DETAIL]", in CLOCK_BOOTTIME, and is one write. A line of the file of
// lives is "BEGIN LAST PID MEMBER": the microsecond of the start, and the last one in which this
// process was seen alive by itself, which it writes again and again.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

namespace {

using Ms = std::int64_t;

constexpr int exit_unplanned = 1;
constexpr int exit_usage = 64;
constexpr int exit_restart = 75;

[[noreturn]] void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// -- clocks, files, identity

timespec clock_now(clockid_t clock) {
    timespec t{};
    if (clock_gettime(clock, &t) != 0)
        fail("clock_gettime");
    return t;
}

Ms now() {
    const timespec t = clock_now(CLOCK_BOOTTIME);
    return Ms{t.tv_sec} * 1000 + t.tv_nsec / 1'000'000;
}

// The field's form: 2026-11-20T23:45:25.548665+00:00
std::string wall_clock() {
    const timespec t = clock_now(CLOCK_REALTIME);
    std::tm utc{};
    if (gmtime_r(&t.tv_sec, &utc) == nullptr)
        fail("gmtime");
    std::ostringstream out;
    out << std::put_time(&utc, "%FT%T.") << std::setw(6) << std::setfill('0') << t.tv_nsec / 1000
        << "+00:00";
    return out.str();
}

std::optional<std::string> read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in)
        return std::nullopt;
    return std::string(std::istreambuf_iterator<char>(in), {});
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t n = write(fd, text.data(), text.size());
        if (n < 0 && errno != EINTR)
            fail("write");
        if (n > 0)
            text.remove_prefix(static_cast<std::size_t>(n));
    }
}

// A reader sees the old content or the new one. No lock and no fsync: so do the gateways in the
// field.
void replace_file(const std::string& path, std::string_view content) {
    std::string temporary = path + ".XXXXXX";
    const int fd = mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0)
        fail("create " + temporary);
    write_all(fd, content);
    fchmod(fd, 0644);
    close(fd);
    if (rename(temporary.c_str(), path.c_str()) != 0)
        fail("rename to " + path);
}

std::string own_start_time() {
    const std::string stat = read_file("/proc/self/stat").value_or("");
    std::istringstream fields(stat.substr(stat.rfind(')') + 1));
    std::string field;
    for (int number = 3; number <= 22; ++number)
        fields >> field;
    return field;
}

// -- just enough JSON

std::string json_string(std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20) {
            out += {'\\', 'u', '0', '0', hex[byte >> 4U], hex[byte & 15U]};
            continue;
        }
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + '"';
}

template <typename Items, typename ToJson>
std::string json_list(const Items& items, ToJson to_json) {
    std::string out;
    for (const auto& item : items)
        out += (out.empty() ? "" : ",") + to_json(item);
    return '[' + out + ']';
}

// The members of one object in their order, values as they were written: foreign keys survive a
// rewrite.
class Members {
  public:
    Members() = default;

    explicit Members(std::string_view object) {
        int depth = 0;
        bool in_string = false;
        std::string part;
        for (std::size_t i = 0; i < object.size(); ++i) {
            const char c = object[i];
            if (in_string && c == '\\') {
                part += c;
                part += object[std::min(++i, object.size() - 1)];
                continue;
            }
            if (c == '"')
                in_string = !in_string;
            if (!in_string && (c == '{' || c == '[') && depth++ == 0)
                continue;
            if (!in_string && (c == '}' || c == ']') && --depth == 0)
                break;
            if (!in_string && c == ',' && depth == 1) {
                add(part);
                part.clear();
            } else if (depth > 0 && (in_string || std::strchr(" \t\r\n", c) == nullptr)) {
                part += c;
            }
        }
        add(part);
    }

    [[nodiscard]] std::string get(std::string_view key) const {
        const auto found = std::ranges::find(members_, key, &Member::first);
        return found == members_.end() ? std::string() : found->second;
    }

    void set(std::string_view key, std::string value) {
        const auto found = std::ranges::find(members_, key, &Member::first);
        if (found == members_.end()) {
            members_.emplace_back(key, std::move(value));
        } else {
            found->second = std::move(value);
        }
    }

    [[nodiscard]] std::string text() const {
        std::string out;
        for (const auto& [key, value] : members_)
            out += (out.empty() ? "" : ",") + json_string(key) + ':' + value;
        return '{' + out + '}';
    }

  private:
    using Member = std::pair<std::string, std::string>;

    // "key":value; the keys that matter here hold no escapes and no quotes.
    void add(const std::string& member) {
        const std::size_t end_of_key = member.find("\":", 1);
        if (end_of_key == std::string::npos)
            return;
        members_.emplace_back(member.substr(1, end_of_key - 1), member.substr(end_of_key + 2));
    }

    std::vector<Member> members_;
};

// -- flags

struct Options {
    std::optional<Ms> exit_after, ask_restart_after, crash_after, write_state_every;
    std::optional<Ms> ready_fd;
    Ms ready_after = 0, drain = 0, lines_during_drain = 0;
    Ms exit_code = 0, crash_signal = SIGKILL;
    Ms children = 0, orphans = 0;
    Ms lives_every = 2;
    bool never_ready = false, notify_socket = false, ignore_term = false,
         children_ignore_term = false, lives_apart = false;
    std::string event_log, echo_env, lives, state_file, marker_home, port_variable;
};

Ms number(const std::string& text) {
    Ms value = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || rest != end)
        throw std::invalid_argument("not a number: " + text);
    return value;
}

Options parse(const std::vector<std::string>& args) {
    using Target = std::variant<bool*, Ms*, std::optional<Ms>*, std::string*>;
    Options o;
    const std::map<std::string_view, Target> flags{
        {"--ask-restart-after-ms", &o.ask_restart_after},
        {"--bind-port-env", &o.port_variable},
        {"--children", &o.children},
        {"--children-ignore-term", &o.children_ignore_term},
        {"--consume-marker", &o.marker_home},
        {"--crash-after-ms", &o.crash_after},
        {"--crash-signal", &o.crash_signal},
        {"--drain-ms", &o.drain},
        {"--echo-env", &o.echo_env},
        {"--event-log", &o.event_log},
        {"--exit-after-ms", &o.exit_after},
        {"--exit-code", &o.exit_code},
        {"--ignore-term", &o.ignore_term},
        {"--log-lines-during-drain", &o.lines_during_drain},
        {"--lives", &o.lives},
        {"--lives-apart", &o.lives_apart},
        {"--lives-every-ms", &o.lives_every},
        {"--never-ready", &o.never_ready},
        {"--orphans", &o.orphans},
        {"--ready-after-ms", &o.ready_after},
        {"--ready-fd", &o.ready_fd},
        {"--ready-notify-socket", &o.notify_socket},
        {"--write-state", &o.state_file},
        {"--write-state-every-ms", &o.write_state_every},
    };
    for (auto arg = args.begin(); arg != args.end() && *arg != "--"; ++arg) {
        const auto flag = flags.find(*arg);
        if (flag == flags.end())
            throw std::invalid_argument("unknown flag " + *arg);
        if (bool* const* on = std::get_if<bool*>(&flag->second)) {
            **on = true;
            continue;
        }
        if (++arg == args.end())
            throw std::invalid_argument(std::string(flag->first) + " needs a value");
        if (std::string* const* text = std::get_if<std::string*>(&flag->second))
            **text = *arg;
        if (Ms* const* value = std::get_if<Ms*>(&flag->second))
            **value = number(*arg);
        if (std::optional<Ms>* const* value = std::get_if<std::optional<Ms>*>(&flag->second))
            **value = number(*arg);
    }
    return o;
}

// -- the gateway

void set_disposition(int signal, void (*disposition)(int)) {
    if (std::signal(signal, disposition) == SIG_ERR)
        fail("signal");
}

sigset_t recorded_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int s : {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2})
        sigaddset(&set, s);
    return set;
}

void unblock_signals() {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
}

class Gateway {
  public:
    Gateway(Options options, std::vector<std::string> argv)
        : o_(std::move(options)), argv_(std::move(argv)) {}

    int run() {
        prepare_signals();
        if (!o_.event_log.empty()) {
            events_ = open(o_.event_log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
            if (events_ < 0)
                fail("open " + o_.event_log);
        }
        begin_life();
        event("start");
        print("gateway started");
        echo_environment();
        load_state();
        write_state("starting");
        for (Ms i = 0; i < o_.children; ++i)
            fork_child();
        for (Ms i = 0; i < o_.orphans; ++i)
            fork_orphan();
        bind_port();
        schedule();
        while (!exit_code_)
            step();
        live_on();
        event("exit " + std::to_string(*exit_code_));
        return *exit_code_;
    }

  private:
    void prepare_signals() {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        set_disposition(SIGPIPE, SIG_DFL);
        set_disposition(SIGCHLD, SIG_IGN); // the kernel reaps
        const sigset_t set = recorded_signals();
        sigprocmask(SIG_BLOCK, &set, nullptr);
        signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        if (signals_ < 0)
            fail("signalfd");
    }

    void begin_life() {
        if (o_.lives.empty())
            return;
        const char* member = std::getenv("GATEWAYCTL_MEMBER");
        std::ostringstream rest;
        rest << ' ' << getpid() << ' ' << (member == nullptr ? "-" : member) << '\n';
        const std::string begin = microseconds();
        const std::string line = begin + ' ' + microseconds() + rest.str();
        if (o_.lives_apart)
            o_.lives += '.' + std::string(member == nullptr ? "-" : member) + '.' + begin;
        const int log = open(o_.lives.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
        lives_ = open(o_.lives.c_str(), O_WRONLY | O_CLOEXEC);
        if (log < 0 || lives_ < 0)
            fail("open " + o_.lives);
        write_all(log, line);
        const auto digits = static_cast<off_t>(microseconds().size());
        last_at_ = lseek(log, 0, SEEK_CUR) - static_cast<off_t>(line.size()) + digits + 1;
        close(log);
        live_on();
    }

    void live_on() {
        if (lives_ < 0)
            return;
        const std::string now_us = microseconds();
        if (pwrite(lives_, now_us.data(), now_us.size(), last_at_) < 0)
            fail("write " + o_.lives);
        after(o_.lives_every, [this] { live_on(); });
    }

    static std::string microseconds() {
        constexpr std::int64_t million = 1'000'000;
        const timespec t = clock_now(CLOCK_BOOTTIME);
        std::ostringstream text;
        text << std::setw(16) << std::setfill('0') << t.tv_sec * million + t.tv_nsec / 1000;
        return text.str();
    }

    void schedule() {
        if (!o_.never_ready)
            after(o_.ready_after, [this] { become_ready(); });
        if (o_.exit_after)
            after(*o_.exit_after, [this] { exit_code_ = static_cast<int>(o_.exit_code); });
        if (o_.ask_restart_after)
            after(*o_.ask_restart_after, [this] { begin_drain(exit_restart); });
        if (o_.crash_after)
            after(*o_.crash_after, [this] { crash(); });
        if (o_.write_state_every)
            rewrite_state_every(*o_.write_state_every);
    }

    void after(Ms delay, std::function<void()> action) {
        timers_.emplace(now() + delay, std::move(action));
    }

    void step() {
        const Ms wait = timers_.empty() ? -1 : std::max<Ms>(0, timers_.begin()->first - now());
        pollfd p{signals_, POLLIN, 0};
        if (poll(&p, 1, static_cast<int>(std::min<Ms>(wait, 1'000'000))) < 0 && errno != EINTR)
            fail("poll");
        signalfd_siginfo info{};
        while (read(signals_, &info, sizeof info) == sizeof info)
            on_signal(static_cast<int>(info.ssi_signo));
        while (!exit_code_ && !timers_.empty() && timers_.begin()->first <= now()) {
            timers_.extract(timers_.begin()).mapped()();
        }
    }

    void on_signal(int signal) {
        event(std::string("signal SIG") + sigabbrev_np(signal));
        if (signal == SIGUSR1)
            begin_drain(exit_restart);
        if ((signal == SIGTERM || signal == SIGINT) && !o_.ignore_term)
            begin_drain(std::nullopt);
    }

    void become_ready() {
        if (draining_)
            return;
        if (o_.ready_fd) {
            write_all(static_cast<int>(*o_.ready_fd), "\n");
            close(static_cast<int>(*o_.ready_fd));
        }
        if (o_.notify_socket)
            notify("READY=1");
        write_state("running");
        event("ready");
        print("gateway ready");
    }

    static void notify(std::string_view message) {
        const char* path = std::getenv("NOTIFY_SOCKET");
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::size_t length = path == nullptr ? 0 : std::strlen(path);
        if (length == 0 || length >= sizeof address.sun_path)
            throw std::invalid_argument("NOTIFY_SOCKET");
        std::copy_n(path, length, address.sun_path);
        if (*path == '@')
            address.sun_path[0] = '\0';
        const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            fail("socket");
        const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
        if (sendto(fd, message.data(), message.size(), 0, reinterpret_cast<sockaddr*>(&address),
                   size) < 0) {
            fail("notify");
        }
        close(fd);
    }

    // Only the first request counts: container inits send several SIGTERM.
    void begin_drain(std::optional<int> code) {
        if (draining_)
            return;
        draining_ = true;
        event("drain-begin");
        int end = code.value_or(static_cast<int>(o_.exit_code));
        std::string last_state = code == exit_restart ? "stopped" : "running";
        if (!code && !o_.marker_home.empty()) {
            const bool planned = consume_marker();
            end = planned ? 0 : exit_unplanned;
            if (planned)
                last_state = "stopped";
        }
        write_state("draining");
        for (Ms i = 1; i <= o_.lines_during_drain; ++i) {
            after(o_.drain * i / o_.lines_during_drain, [this, i] {
                print("drain line " + std::to_string(i) + " of " +
                      std::to_string(o_.lines_during_drain));
            });
        }
        after(o_.drain, [this, end, last_state] {
            print("drained");
            event("drain-end");
            write_state(last_state);
            exit_code_ = end;
        });
    }

    bool consume_marker() {
        const std::string path = o_.marker_home + "/.gateway-planned-stop.json";
        const Members marker(read_file(path).value_or(""));
        const bool planned = marker.get("target_pid") == std::to_string(getpid()) &&
                             marker.get("target_start_time") == own_start_time();
        if (planned)
            unlink(path.c_str());
        replace_file(o_.marker_home + "/verdict", planned ? "planned\n" : "unplanned\n");
        event(planned ? "verdict planned" : "verdict unplanned");
        return planned;
    }

    [[noreturn]] void crash() {
        event("crash");
        unblock_signals();
        kill(getpid(), static_cast<int>(o_.crash_signal));
        std::abort();
    }

    // -- the state file: read once, then rewritten from that copy, as the gateways in the field do.
    // This puts an old desired_state back over what somebody else wrote meanwhile.

    void load_state() {
        if (!o_.state_file.empty())
            state_ = Members(read_file(o_.state_file).value_or("{}"));
    }

    void write_state(const std::string& gateway_state) {
        if (o_.state_file.empty())
            return;
        state_.set("pid", std::to_string(getpid()));
        state_.set("start_time", own_start_time());
        state_.set("gateway_state", json_string(gateway_state));
        state_.set("updated_at", json_string(wall_clock()));
        replace_file(o_.state_file, state_.text());
        last_state_ = gateway_state;
    }

    void rewrite_state_every(Ms period) {
        after(period, [this, period] {
            write_state(last_state_);
            rewrite_state_every(period);
        });
    }

    // -- the family

    // A child keeps stdout and the event log, as a forgotten helper would. The alarm is for a test
    // that fails before it has killed the child.
    [[noreturn]] void be_child(const char* name) {
        prctl(PR_SET_NAME, name);
        if (o_.ready_fd)
            close(static_cast<int>(*o_.ready_fd));
        for (const int s : {SIGTERM, SIGINT, SIGHUP}) {
            set_disposition(s, o_.children_ignore_term ? SIG_IGN : SIG_DFL);
        }
        unblock_signals();
        alarm(600);
        event(name);
        for (;;)
            pause();
    }

    void fork_child() {
        const pid_t pid = fork();
        if (pid < 0)
            fail("fork");
        if (pid == 0)
            be_child("child");
    }

    void fork_orphan() {
        const pid_t pid = fork();
        if (pid < 0)
            fail("fork");
        if (pid == 0) {
            if (fork() == 0)
                be_child("orphan");
            _exit(0);
        }
        waitpid(pid, nullptr, 0);
    }

    // -- what it shows

    void bind_port() {
        if (o_.port_variable.empty())
            return;
        const char* value = std::getenv(o_.port_variable.c_str());
        if (value == nullptr)
            throw std::invalid_argument("no variable " + o_.port_variable);
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
            fail("socket");
        const int on = 1;
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(number(value)));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
            listen(fd, 8) != 0) {
            fail(std::string("bind port ") + value);
        }
        event(std::string("bound ") + value);
    }

    void echo_environment() {
        if (o_.echo_env.empty())
            return;
        Members variables;
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const std::string_view text(*variable);
            const std::size_t equals = text.find('=');
            variables.set(text.substr(0, equals), json_string(text.substr(equals + 1)));
        }
        std::vector<gid_t> ids(static_cast<std::size_t>(getgroups(0, nullptr)));
        getgroups(static_cast<int>(ids.size()), ids.data());
        char* cwd = get_current_dir_name();

        Members report;
        report.set("pid", std::to_string(getpid()));
        report.set("uid", std::to_string(geteuid()));
        report.set("gid", std::to_string(getegid()));
        report.set("groups", json_list(ids, [](gid_t id) { return std::to_string(id); }));
        report.set("cwd", json_string(cwd == nullptr ? "" : cwd));
        report.set("argv", json_list(argv_, json_string));
        report.set("env", variables.text());
        std::free(cwd);
        replace_file(o_.echo_env, report.text());
    }

    void event(const std::string& what) const {
        if (events_ < 0)
            return;
        write_all(events_,
                  std::to_string(now()) + ' ' + std::to_string(getpid()) + ' ' + what + '\n');
    }

    static void print(const std::string& line) { write_all(STDOUT_FILENO, line + '\n'); }

    Options o_;
    std::vector<std::string> argv_;
    int signals_ = -1, events_ = -1, lives_ = -1;
    off_t last_at_ = 0;
    std::multimap<Ms, std::function<void()>> timers_;
    bool draining_ = false;
    std::optional<int> exit_code_;
    Members state_;
    std::string last_state_ = "starting";
};

} // namespace

int main(int argc, char** argv) {
    std::vector<std::string> args(argv, argv + argc);
    Options options;
    try {
        options = parse({args.begin() + 1, args.end()});
    } catch (const std::exception& error) {
        std::cerr << "test_gateway: usage: " << error.what() << '\n';
        return exit_usage;
    }
    try {
        return Gateway(std::move(options), std::move(args)).run();
    } catch (const std::exception& error) {
        std::cerr << "test_gateway: " << error.what() << '\n';
        return 1;
    }
}
