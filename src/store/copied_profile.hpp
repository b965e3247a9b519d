/// A copy of a profile (`cp -a mail mail-old`) becomes a profile of its own.
#pragma once

#include "sys/directory.hpp"
#include "sys/effects.hpp"

namespace gw::store {

/// Removes what the files of a profile say of the one that it is a copy of, which counts for
/// nothing in it: its intent, its last life, its parking and deaths. Of the state file what is
/// neither intent nor life stays. Then nothing depends any more on what becomes of the original.
/// Looks again under the lock of the intent; does nothing in a profile of its own.
Result<void> forget_original(sys::Effects& effects, const sys::Directory& profile);

} // namespace gw::store
