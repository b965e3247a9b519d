/// The s6 backend: slots in a scandir, commanded through s6's own tools.
#pragma once

#include "rules/settings.hpp"
#include "store/home.hpp"
#include "supervise/manager.hpp"
#include "supervise/s6/scandir.hpp"

namespace gw::supervise {

class S6Manager : public ServiceManager {
  public:
    /// Errc::no_manager when the scandir does not exist.
    static Result<std::unique_ptr<ServiceManager>> open(const store::Home& home,
                                                        const Settings& settings);

    [[nodiscard]] const Traits& traits() const override { return traits_; }
    [[nodiscard]] Result<ObservedService> observe(const ProfileName& profile) const override;
    [[nodiscard]] Result<bool> is_registered(const ProfileName& profile) const override;
    [[nodiscard]] Result<ObservedService>
    observe_process(const ProfileName& profile) const override;
    [[nodiscard]] std::vector<Result<ObservedService>>
    observe_processes(std::span<const ProfileName> profiles) const override;
    [[nodiscard]] std::vector<ForeignService>
    foreign(std::span<const ProfileName> known) const override;
    [[nodiscard]] std::vector<Result<ObservedService>>
    observe_all(std::span<const ProfileName> profiles) const override;
    [[nodiscard]] Result<std::vector<ProfileName>> list() const override;
    [[nodiscard]] Result<std::vector<ProfileName>>
    list_beyond(std::span<const ProfileName> known) const override;
    [[nodiscard]] std::unique_ptr<News> news(std::span<const ProfileName> profiles) const override;

    /// `s6-svc -U`, logger first: also removes `down`, so that it survives a death of s6-supervise.
    /// A slot that nothing supervises is shown to s6-svscan first.
    Result<void> start(sys::Effects& effects, const ProfileName& profile) override;
    /// `s6-svc -D`: also writes `down`.
    Result<void> stop(sys::Effects& effects, const ProfileName& profile) override;
    /// Writes `down`: s6-svscan starts a killed s6-supervise again a second later, which looks for
    /// it.
    [[nodiscard]] std::string plain_stop(const ProfileName& profile) const override;
    Result<void> hold_down(sys::Effects& effects, const ProfileName& profile) override;
    /// `s6-svc -dU`, one command: it goes down and is wanted up at once, and a stale `down` goes.
    /// `-r` alone does not start the timeout-kill clock (measured with s6 2.11: a gateway that
    /// ignores SIGTERM is never killed), `-d` does, and `U` leaves the clock running.
    Result<void> restart(sys::Effects& effects, const ProfileName& profile) override;
    /// `s6-svc -d`, or `-D`, which leaves `down` in the slots.
    std::vector<Result<void>> drain(sys::Effects& effects, std::span<const ProfileName> profiles,
                                    DownFor span) override;
    Result<void> kill(sys::Effects& effects, const ProfileName& profile) override;

    Result<void> add(sys::Effects& effects, const ServiceSpec& spec) override;
    Result<void> renew(sys::Effects& effects, const ProfileName& profile) override;
    Result<void> remove(sys::Effects& effects, const ProfileName& profile) override;

    [[nodiscard]] Result<Argv> log_command(const ProfileName& profile,
                                           const LogRequest& request) const override;
    [[nodiscard]] Result<sys::Directory> log_directory(const ProfileName& profile) const override;

  private:
    /// What s6 says of a service, as far as it is true.
    void complete(const ProfileName& profile, const ObservedSlot& slot,
                  ObservedService& seen) const;
    /// What moves out of the way what has the name of a slot and is not ours.
    [[nodiscard]] std::string room_command(const ProfileName& profile,
                                           const ObservedSlot& slot) const;
    /// What makes a slot readable that this user may not look into.
    [[nodiscard]] std::string access_command(const ProfileName& profile) const;
    S6Manager(const store::Home& home, const Settings& settings, Scandir scandir)
        : home_(home), settings_(settings), scandir_(std::move(scandir)) {}
    Result<void> command(sys::Effects& effects, const char* option, const std::string& service);
    [[nodiscard]] std::string path_of(const ProfileName& profile) const;
    /// nullopt: there is none. Errc::conflict when the name is taken by what is not ours.
    enum class SlotLook { whose, whole };
    [[nodiscard]] Result<std::optional<ObservedSlot>>
    slot_of(const ProfileName& profile, SlotLook look = SlotLook::whose) const;
    /// `slot` is what it was seen in.
    [[nodiscard]] Result<ObservedService> observe_slot(const ProfileName& profile, SlotLook look,
                                                       std::optional<ObservedSlot>& slot) const;
    /// As `observe`, as far as files answer alone. nullopt: somebody has to be asked, or it is an
    /// error.
    [[nodiscard]] std::optional<ObservedService> read_service(const ProfileName& profile) const;
    /// How the slot differs from what is wanted.
    [[nodiscard]] std::string drift_in(const ProfileName& profile, const ObservedSlot& slot) const;
    /// Of the gateways; looked up once, because many slots are compared with what it gives.
    [[nodiscard]] const Account& account() const;
    [[nodiscard]] Argv question_about(const ProfileName& profile) const;
    /// From the file that s6-supervise keeps. nullopt: its form is not known, and s6-svstat, which
    /// knows that of its own version, has to be asked.
    [[nodiscard]] std::optional<ObservedService> read_status(const ProfileName& profile,
                                                             const ObservedSlot& slot) const;
    /// nullopt: its supervisor has no answer (yet, or any more).
    [[nodiscard]] Result<std::optional<ObservedService>>
    understand(const ProfileName& profile, const ObservedSlot& slot,
               const Result<sys::CommandOutput>& answer) const;
    Result<void> have_supervised(sys::Effects& effects, const ProfileName& profile);

    Traits traits_{ManagerKind::s6, "s6 (container supervisor)", "slot", true, true};
    const store::Home& home_;
    const Settings& settings_;
    Scandir scandir_;
    mutable std::optional<Account> account_{};
};

} // namespace gw::supervise
