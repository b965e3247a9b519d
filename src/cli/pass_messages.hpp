/// What a boot pass has to tell people, on stderr.
#pragma once

#include "cli/context.hpp"
#include "reconcile/pass.hpp"

namespace gw::cli {

/// Warnings, and what failed.
void say_messages(Context& context, const reconcile::Pass& pass);

} // namespace gw::cli
