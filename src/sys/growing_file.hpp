/// A file that somebody else writes to, and replaces by a new one when it is large enough.
#pragma once

#include "sys/directory.hpp"
#include "sys/unique_fd.hpp"

#include <string>

namespace gw::sys {

/// The whole lines in the last `most` bytes of such a file; empty where it is none that can be
/// read.
std::string read_end(const Directory& directory, const std::string& name, std::size_t most);

class GrowingFile {
  public:
    /// Begins at the end of what is there now; the file need not be there. `directory` outlives it.
    GrowingFile(const Directory& directory, std::string name);

    /// Which file that is, and where it ended then; a file of that identity holds nothing newer up
    /// to there.
    struct Begin {
        FileIdentity file{};
        std::size_t size = 0;
    };
    [[nodiscard]] const Begin& begin() const { return begin_; }

    /// What has been written since, also to the one that has taken its place meanwhile. A symlink
    /// is not followed, and nothing that is no regular file is read.
    std::string take();

  private:
    void open();
    void read_on(std::string& bytes);

    const Directory& directory_;
    std::string name_;
    UniqueFd fd_;
    FileIdentity identity_{};
    Begin begin_;
};

} // namespace gw::sys
