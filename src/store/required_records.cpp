#include "store/required_records.hpp"

#include "base/text.hpp"
#include "store/lifecycle.hpp"
#include "store/park.hpp"

#include "store/profile_files.hpp"

namespace gw::store {

Result<JsonFile> require_own_file(const sys::Directory& profile, const char* relative) {
    auto file = read_own_file(profile, relative);
    if (file.answer == FileAnswer::unreadable) {
        return fail(Errc::io, "cannot read " + profile.path_of(relative) + ": " + file.problem,
                    "ls -ld " + shell_quote(profile.path_of(relative)));
    }
    return file;
}

Result<LifeTraces> require_traces(const sys::Directory& profile) {
    const auto record = require_own_file(profile, lifecycle_file_name);
    if (!record) {
        return std::unexpected(record.error());
    }
    return traces_beside(profile, *record);
}

Result<DeathTally> require_deaths(const sys::Directory& profile) {
    const auto file = require_own_file(profile, deaths_file_name);
    return file ? Result<DeathTally>(judge_deaths(*file)) : std::unexpected(file.error());
}

} // namespace gw::store
