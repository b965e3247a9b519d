#include "operate/untold_ends.hpp"

#include "base/text.hpp"
#include "operate/after_exit.hpp"
#include "supervise/s6/tree_stop.hpp"
#include "sys/log.hpp"

namespace gw::operate {

void record_untold_ends(sys::Effects& effects, const store::Home& home,
                        const supervise::Scandir& scandir, const Settings& settings) {
    for (const auto& end : supervise::untold_ends(scandir, home)) {
        const auto share = own::ownership_of(home, settings, end.profile)->take(effects);
        const auto profile = home.find(end.profile);
        if (share.is_ours() && profile && *profile) {
            const ServiceEnd told{end.how.code.value_or(0), end.how.signal, /*commanded=*/true,
                                  end.at};
            if (const auto recorded = record_end(effects, **profile, told); !recorded) {
                sys::log_warning(printable(recorded.error().message));
            }
        }
        supervise::forget_end(effects, scandir, end.profile);
    }
}

} // namespace gw::operate
