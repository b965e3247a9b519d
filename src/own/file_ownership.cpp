#include "base/numbers.hpp"
#include "own/ownership.hpp"
#include "rules/variables.hpp"
#include "store/leftovers.hpp"
#include "store/owner_file.hpp"
#include "sys/clock.hpp"
#include "sys/common_lock.hpp"
#include "sys/errno_error.hpp"
#include "sys/self.hpp"
#include "sys/volume_kind.hpp"
#include "sys/waiting.hpp"

#include <cerrno>
#include <fmt/format.h>
#include <unistd.h>

namespace gw::own {

Place place_here() {
    Place here{sys::now().boot_id, sys::pid_namespace()};
    return here == Place{} ? Place{sys::host_name(), {}} : here;
}

namespace {

/// Who is about to take the volume has the lock alone for a moment, and no record yet.
constexpr std::chrono::milliseconds longest_moment{200};

class LockedFile : public Keep {
  public:
    explicit LockedFile(sys::CommonLock lock) : lock_(std::move(lock)) {}
    int bequeath() override { return lock_.bequeath(); }

  private:
    sys::CommonLock lock_;
};

Share unguarded(std::string why) {
    return {Share::Kind::unguarded, nullptr, std::nullopt, std::move(why)};
}

/// Nobody has the lock alone but to write the record, which is therefore that of whoever has it in
/// common. A process that has it in common and finds its own place in the record belongs to the
/// owner; nobody can become another owner before it has given it back.
class FileOwnership : public Ownership {
  public:
    FileOwnership(const store::Home& home, MemberName name, Place here)
        : home_(home.directory()), name_(std::move(name)), here_(std::move(here)) {}

    [[nodiscard]] Standing look() const override {
        Standing standing;
        (void)sys::poll_until(sys::Deadline(longest_moment), [&] {
            const auto held = sys::CommonLock::is_held(home_, owner_lock_name);
            standing = judge_standing(held ? std::optional(*held) : std::nullopt,
                                      store::read_owner(home_), here_);
            return standing.kind != Standing::Kind::elsewhere;
        });
        return standing;
    }

    Share take(sys::Effects& effects) override {
        Share share;
        if (auto lock = inherited_lock()) {
            return hold(Share::Kind::joined, std::move(*lock));
        }
        (void)sys::poll_until(sys::Deadline(longest_moment), [&] {
            share = ask(effects, Patience::none);
            return share.kind != Share::Kind::refused;
        });
        return share;
    }

    Share wait(sys::Effects& effects) override {
        Share share;
        while (share.kind == Share::Kind::refused) {
            share = ask(effects, Patience::until_free);
        }
        return share;
    }

    [[nodiscard]] std::string doubt() const override {
        const auto network = sys::network_file_system(home_);
        return network ? fmt::format("{} lies on {}: locks may not reach the other machines that "
                                     "have it",
                                     home_.path(), *network)
                       : std::string();
    }

  private:
    enum class Patience { none, until_free };

    Share ask(sys::Effects& effects, Patience patience) {
        auto lock = sys::CommonLock::open(effects, home_, owner_lock_name);
        if (!lock) {
            return without_lock_file(lock.error());
        }
        auto answer = lock->take_alone();
        if (answer == sys::LockAnswer::held && is_recorded() &&
            lock->take_in_common() == sys::LockAnswer::taken && is_recorded()) {
            return hold(Share::Kind::joined, std::move(*lock));
        }
        if (answer == sys::LockAnswer::held && patience == Patience::until_free) {
            answer = lock->wait_alone();
        }
        switch (answer) {
        case sys::LockAnswer::taken:
            return become_owner(effects, std::move(*lock));
        case sys::LockAnswer::held:
            return {Share::Kind::refused, nullptr, store::read_owner(home_), {}};
        case sys::LockAnswer::refused:
            return unguarded("the volume of " + home_.path() + " has no locks");
        case sys::LockAnswer::failed:
            break;
        }
        return unguarded(sys::errno_error(errno, "cannot lock the volume").message);
    }

    /// It may be there, and another one's: on a volume that is read-only or full here.
    [[nodiscard]] Share without_lock_file(const Error& error) const {
        auto standing = look();
        return standing.kind == Standing::Kind::elsewhere
                   ? Share{Share::Kind::refused, nullptr, std::move(standing.owner), {}}
                   : unguarded(error.message);
    }

    Share become_owner(sys::Effects& effects, sys::CommonLock lock) {
        const std::string host = sys::host_name();
        const std::string name = name_();
        const Owner me{name.empty() ? host : name, host, here_, Pid{::getpid()},
                       to_rfc3339(sys::now().wall)};
        store::remove_leftovers(effects, home_); // of one that was killed where this one is now
        if (const auto written = store::write_owner(effects, home_, me); !written) {
            return unguarded(written.error().message);
        }
        if (lock.take_in_common() == sys::LockAnswer::taken && is_recorded()) {
            return hold(Share::Kind::taken, std::move(lock));
        }
        return {Share::Kind::refused, nullptr, store::read_owner(home_), {}};
    }

    /// The descriptor may be closed by now, or be something else; an open lock file is the lock.
    [[nodiscard]] std::optional<sys::CommonLock> inherited_lock() const {
        const auto told = sys::environment(std::string(name_of(Variable::share)));
        const auto fd = told ? parse_number<int>(*told) : std::nullopt;
        return fd ? sys::CommonLock::inherited(*fd, home_, owner_lock_name) : std::nullopt;
    }

    [[nodiscard]] bool is_recorded() const {
        const auto record = store::read_owner(home_);
        return record && record->place == here_;
    }

    static Share hold(Share::Kind kind, sys::CommonLock lock) {
        return {kind, std::make_unique<LockedFile>(std::move(lock)), std::nullopt, {}};
    }

    const sys::Directory& home_;
    MemberName name_;
    Place here_;
};

} // namespace

std::unique_ptr<Ownership> file_ownership(const store::Home& home, MemberName name, Place here) {
    return std::make_unique<FileOwnership>(home, std::move(name), std::move(here));
}

std::unique_ptr<Ownership> ownership_of(const store::Home& home, const Settings& settings) {
    if (settings.fleet) {
        return fleet_ownership(settings);
    }
    return file_ownership(home, [&settings] { return settings.member.value_or(""); });
}

Error refusal(const Share& share, const std::string& next) {
    const auto& owner = share.owner;
    if (!owner && !share.problem.empty()) {
        return {Errc::conflict, share.problem, "gatewayctl fleet status"};
    }
    return {Errc::conflict, "the gateways of this volume belong to " + to_text(owner, Guard::lock),
            next.empty() ? next : "in " + name_of(owner) + ": " + next};
}

} // namespace gw::own
