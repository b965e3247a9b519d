/// What register and unregister share.
#pragma once

#include "cli/targets.hpp"

namespace gw::cli {

/// `run_batch` for the hooks by which the application makes and deletes profiles: where there are
/// no slots they have nothing to do and say so only with -v, because they run on every host.
int run_registration(Context& context, const Words& words, sys::Effects& effects,
                     const Batch& batch);

} // namespace gw::cli
