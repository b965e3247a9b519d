/// A supervisor and effects for operations without a system: they stand beside the tests against
/// the real ones, so that thousands of orders of events and failures run in a moment.
#pragma once

#include "operate/begin.hpp"
#include "operate/watch.hpp"
#include "supervisor_model.hpp"
#include "sys/system_effects.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace gw::test {

/// A home with one profile, gone with the object.
class TemporaryHome {
  public:
    TemporaryHome() {
        std::string name = (std::filesystem::temp_directory_path() / "unit-home-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
        std::filesystem::create_directories(path_ / "profiles/a");
        std::ofstream(path_ / "profiles/a/SOUL.md") << "# soul\n";
    }
    ~TemporaryHome() { std::filesystem::remove_all(path_); }
    TemporaryHome(const TemporaryHome&) = delete;
    TemporaryHome& operator=(const TemporaryHome&) = delete;

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

/// One service under the model. Its clock goes on only when somebody waits for news.
class FakeManager : public supervise::ServiceManager {
  public:
    explicit FakeManager(std::minstd_rand& random) : model(random) {}

    [[nodiscard]] const supervise::Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& /*profile*/) const override {
        return model.observed();
    }
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override {
        return std::vector{ProfileName::parse("a").value()};
    }
    [[nodiscard]] std::unique_ptr<supervise::News>
    news(std::span<const ProfileName> /*profiles*/) const override {
        return std::make_unique<FakeNews>(const_cast<FakeManager&>(*this)); // NOLINT: time goes on
    }
    Result<void> start(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return command([this] { model.start(); });
    }
    Result<void> stop(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return command([this] { model.stop(); });
    }
    Result<void> restart(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return command([this] { model.restart(); });
    }
    Result<void> kill(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return {};
    }
    Result<void> add(sys::Effects& /*effects*/, const supervise::ServiceSpec& /*s*/) override {
        return {};
    }
    Result<void> renew(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return {};
    }
    Result<void> remove(sys::Effects& /*effects*/, const ProfileName& /*profile*/) override {
        return {};
    }
    [[nodiscard]] Result<Argv> log_command(const ProfileName& /*profile*/,
                                           const LogRequest& /*request*/) const override {
        return Argv{};
    }

    SupervisorModel model;
    bool refuses = false;       ///< every command fails
    bool never_answers = false; ///< every command is taken, and its tool killed at the deadline
    int commands = 0;           ///< accepted ones

    void tick() {
        now_ += std::chrono::milliseconds{10};
        model.tick();
    }
    [[nodiscard]] std::chrono::steady_clock::time_point now() const { return now_; }
    [[nodiscard]] bool up() const { return model.process().has_value(); }
    [[nodiscard]] bool wants_up() const { return model.observed().wants_up; }

  private:
    class FakeNews : public supervise::News {
      public:
        explicit FakeNews(FakeManager& manager) : manager_(manager) {}
        std::vector<std::size_t> wait(std::chrono::milliseconds /*limit*/) override {
            manager_.tick();
            return {0};
        }
        [[nodiscard]] std::chrono::milliseconds look_again() const override {
            return std::chrono::milliseconds{10};
        }

      private:
        FakeManager& manager_;
    };

    template <class Change> Result<void> command(const Change& change) {
        if (refuses) {
            return fail(Errc::command_failed, "refused");
        }
        ++commands;
        change();
        return never_answers ? Result<void>(fail(Errc::timed_out, "no answer")) : Result<void>{};
    }
    supervise::Traits traits_{supervise::ManagerKind::s6, "fake", "slot", true, true};
    std::chrono::steady_clock::time_point now_{std::chrono::steady_clock::now()};
};

/// The real effects on a scratch directory, of which one call fails.
class FailingEffects : public sys::Effects {
  public:
    int calls = 0;
    int fails_at = -1; ///< the call with this number, from 0 on

    Result<void> create_file(const sys::Directory& at, const std::string& name,
                             std::string_view bytes, unsigned mode) override {
        return or_fail([&] { return real_.create_file(at, name, bytes, mode); });
    }
    Result<void> replace_file(const sys::Directory& at, const std::string& name,
                              std::string_view bytes, sys::Durability durability,
                              const sys::FileAttributes& attributes) override {
        return or_fail([&] { return real_.replace_file(at, name, bytes, durability, attributes); });
    }
    Result<void> append_file(const sys::Directory& at, const std::string& name,
                             std::string_view bytes) override {
        return or_fail([&] { return real_.append_file(at, name, bytes); });
    }
    Result<sys::UniqueFd> open_lock(const sys::Directory& at, const std::string& name) override {
        return or_fail([&] { return real_.open_lock(at, name); });
    }
    Result<void> remove_leftover(const sys::Directory& at, const std::string& name) override {
        return or_fail([&] { return real_.remove_leftover(at, name); });
    }
    Result<void> remove_file(const sys::Directory& at, const std::string& name) override {
        return or_fail([&] { return real_.remove_file(at, name); });
    }
    Result<void> make_directory(const sys::Directory& at, const std::string& name,
                                unsigned mode) override {
        return or_fail([&] { return real_.make_directory(at, name, mode); });
    }
    Result<void> make_fifo(const sys::Directory& at, const std::string& name,
                           unsigned mode) override {
        return or_fail([&] { return real_.make_fifo(at, name, mode); });
    }
    Result<void> rename(const sys::Directory& from, const std::string& old_name,
                        const sys::Directory& to, const std::string& new_name) override {
        return or_fail([&] { return real_.rename(from, old_name, to, new_name); });
    }
    Result<void> publish(const sys::Directory& at, const std::string& old_name,
                         const std::string& new_name) override {
        return or_fail([&] { return real_.publish(at, old_name, new_name); });
    }
    Result<void> remove_tree(const sys::Directory& at, const std::string& name) override {
        return or_fail([&] { return real_.remove_tree(at, name); });
    }
    Result<void> set_owner(const sys::Directory& at, const std::string& name, std::uint32_t uid,
                           std::uint32_t gid) override {
        return or_fail([&] { return real_.set_owner(at, name, uid, gid); });
    }
    Result<void> set_mode(const sys::Directory& at, const std::string& name,
                          unsigned mode) override {
        return or_fail([&] { return real_.set_mode(at, name, mode); });
    }
    Result<void> make_path(const std::string& path) override {
        return or_fail([&] { return real_.make_path(path); });
    }
    Result<void> sync_file_system(const sys::Directory& at) override {
        return or_fail([&] { return real_.sync_file_system(at); });
    }
    void sync_directory(const sys::Directory& at) override { real_.sync_directory(at); }
    Result<std::vector<sys::Incapacity>> probe_volume(const sys::Directory& at) override {
        return or_fail([&] { return real_.probe_volume(at); });
    }
    Result<sys::CommandOutput> run(const Argv& argv, std::chrono::milliseconds deadline) override {
        return or_fail([&] { return real_.run(argv, deadline); });
    }

  private:
    template <class Call> auto or_fail(const Call& call) -> decltype(call()) {
        if (calls++ == fails_at) {
            return fail(Errc::io, "no space left");
        }
        return call();
    }
    sys::SystemEffects real_;
};

} // namespace gw::test
