/// Effects on this very system.
#pragma once

#include "sys/effects.hpp"
#include "sys/replacement.hpp"

namespace gw::sys {

/// What each function promises is said in the interface.
class SystemEffects final : public Effects {
  public:
    /// `complain` hears of what somebody should know although it is no failure.
    explicit SystemEffects(Complain complain = {}) : complain_(std::move(complain)) {}

    Result<void> create_file(const Directory& at, const std::string& name, std::string_view bytes,
                             unsigned mode) override;
    Result<void> replace_file(const Directory& at, const std::string& name, std::string_view bytes,
                              Durability durability, const FileAttributes& attributes) override;
    Result<void> append_file(const Directory& at, const std::string& name,
                             std::string_view bytes) override;
    Result<UniqueFd> open_lock(const Directory& at, const std::string& name) override;
    Result<void> remove_leftover(const Directory& at, const std::string& name) override;
    Result<void> remove_file(const Directory& at, const std::string& name) override;
    Result<void> make_directory(const Directory& at, const std::string& name,
                                unsigned mode) override;
    Result<void> make_fifo(const Directory& at, const std::string& name, unsigned mode) override;
    Result<void> rename(const Directory& from, const std::string& old_name, const Directory& to,
                        const std::string& new_name) override;
    Result<void> publish(const Directory& at, const std::string& old_name,
                         const std::string& new_name) override;
    Result<void> remove_tree(const Directory& at, const std::string& name) override;
    Result<void> set_owner(const Directory& at, const std::string& name, std::uint32_t uid,
                           std::uint32_t gid) override;
    Result<void> set_mode(const Directory& at, const std::string& name, unsigned mode) override;
    Result<void> make_path(const std::string& path) override;
    void sync_directory(const Directory& at) override;
    Result<void> sync_file_system(const Directory& at) override;
    Result<std::vector<Incapacity>> probe_volume(const Directory& at) override;
    Result<CommandOutput> run(const Argv& argv, std::chrono::milliseconds deadline) override;
    std::vector<Result<CommandOutput>> run_all(std::span<const Argv> tools,
                                               std::chrono::milliseconds deadline) override;

  private:
    Complain complain_;
};

} // namespace gw::sys
