/// What the kernels of Linux and macOS do in different ways: declared once here, and done in
/// sys/linux and sys/macos. The rest of src/sys is the same for both.
#pragma once

#include "base/account.hpp"
#include "base/error.hpp"
#include "base/moment.hpp"
#include "base/process.hpp"
#include "sys/processes.hpp"
#include "sys/unique_fd.hpp"

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fcntl.h>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <sys/types.h>
#include <vector>

namespace gw::sys::platform {

// Entries of directories. Integers are as the calls of POSIX answer: -1, and errno says why.

/// A descriptor of the entry itself, also of a symlink, for nothing but to look at it.
UniqueFd open_to_look(int at, const char* name);
/// Owner and mode of what `open_to_look` has opened.
int change_owner(int looked_at, std::uint32_t uid, std::uint32_t gid);
int change_mode(int looked_at, unsigned mode);
/// openat(2) that leaves the directory by no `..` and follows no symlink anywhere in the path.
int open_beneath(int start, const std::string& relative, int flags);
int make_fifo(int at, const char* name, unsigned mode);
/// rename(2) that fails with EEXIST where the new name is taken.
int rename_new(int at, const char* old_name, const char* new_name);

// Open files.

/// The times of stat(2), which each system calls by other names.
timespec modified_at(const struct stat& st);
timespec changed_at(const struct stat& st);
/// fstat(2), and when the file was made where that is known: in one call, because every file that
/// is read comes by here.
int stat_with_birth(int fd, struct stat& st, std::optional<timespec>& birth);
/// As the kernel knows it; empty where it does not tell.
std::string path_of(int fd);
bool forbids_execution(int fd);
/// What was written comes through a power cut when this has succeeded.
int flush(int fd);
/// `flush` for all of the file system that the descriptor lies on.
int flush_file_system(int fd);

/// The calls of fcntl(2) for locks that belong to the open file.
enum class RecordCall { take, wait_for, look_at };
int record_lock(int fd, RecordCall call, struct flock& lock);

/// Ends of a pipe, and a socket: closed on exec.
int make_pipe(std::array<int, 2>& ends);
UniqueFd datagram_socket();

/// False when the system has no random number to give; errno says why.
bool fill_with_random(void* bytes, std::size_t size);

// Processes.

struct Sight {
    std::optional<ProcessInfo> info;
    int error = 0; ///< why there is none
};
Sight look_at(Pid pid);
/// Becomes readable when the process has ended; empty where the kernel has no such thing.
UniqueFd end_of(Pid pid);
/// The signal to this very process, not to one that has its pid later.
void send_to(const ProcessIdentity& process, int number);
/// For a process that fork(2) has just made.
void die_with_parent(int signal);

// Signals.

/// Waits until one of the blocked signals comes; nullopt when none has within the limit.
std::optional<int> wait_for_signal(const sigset_t& awaited, std::chrono::milliseconds limit);

// This machine and this program.

std::chrono::nanoseconds since_boot();
/// Another one after each boot; empty where the system does not tell.
std::string boot_id();
Result<std::string> program_file();

// Accounts.

struct Entry {
    std::string name;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::string home;
};
std::optional<Entry> account_entry(std::uint32_t uid);
std::optional<Entry> account_entry(const std::string& name);
/// The groups of which the machine says that he is a member.
std::vector<std::uint32_t> groups_of(const std::string& user);
int set_groups(const std::vector<std::uint32_t>& groups);

} // namespace gw::sys::platform
