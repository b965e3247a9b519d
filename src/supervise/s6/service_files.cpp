#include "supervise/s6/service_files.hpp"

namespace gw::supervise {

Result<void> replace_files(sys::Effects& effects, const sys::Directory& service,
                           const std::vector<SlotFile>& files) {
    for (const auto& file : files) {
        auto done = effects.replace_file(service, file.path, file.content,
                                         sys::Durability::volatile_, {.mode = file.mode});
        if (!done) {
            return done;
        }
    }
    return {};
}

} // namespace gw::supervise
