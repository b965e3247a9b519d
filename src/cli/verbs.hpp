/// The functions of the verbs. Each has a file of its own name; the table (cli/verb_table.hpp) says
/// what they take. Every one answers with the exit status.
#pragma once

#include "cli/context.hpp"
#include "cli/words.hpp"
#include "sys/effects.hpp"

namespace gw::cli {

/// Exit status of `after-exit` that tells s6-supervise not to start the service again
/// (s6-supervise(1)).
inline constexpr int permanent_failure = 125;

int config(Context& context, const Words& words);
int explain(Context& context, const Words& words);
int health(Context& context, const Words& words);
int wait(Context& context, const Words& words);
/// What `wait` can wait for.
std::vector<std::string> awaited_words();
int detect(Context& context, const Words& words);
int help(Context& context, const Words& words);
int list(Context& context, const Words& words);
int manual(Context& context, const Words& words);
int logs(Context& context, const Words& words);
int state_show(Context& context, const Words& words);
int state_set(Context& context, const Words& words, sys::Effects& effects);
int state_end(Context& context, const Words& words, sys::Effects& effects);
/// The words that `state set` and `state end` know.
std::vector<std::string> state_words();
std::vector<std::string> cause_words();
int marker_show(Context& context, const Words& words);
int plan(Context& context, const Words& words);
int render(Context& context, const Words& words);
int status(Context& context, const Words& words);
int unit_start(Context& context, const Words& words);
int version(Context& context, const Words& words);

int complete(Context& context, const Words& words);
int completion(Context& context, const Words& words);
int before_start(Context& context, const Words& words, sys::Effects& effects);
int after_exit(Context& context, const Words& words, sys::Effects& effects);
int doctor(Context& context, const Words& words, sys::Effects& effects);
int drain(Context& context, const Words& words, sys::Effects& effects);
int history(Context& context, const Words& words, sys::Effects& effects);
int install(Context& context, const Words& words, sys::Effects& effects);
int metrics(Context& context, const Words& words, sys::Effects& effects);
int marker_clear(Context& context, const Words& words, sys::Effects& effects);
int marker_consume(Context& context, const Words& words, sys::Effects& effects);
int marker_write(Context& context, const Words& words, sys::Effects& effects);
int prepare(Context& context, const Words& words, sys::Effects& effects);
int reconcile(Context& context, const Words& words, sys::Effects& effects);
int register_profile(Context& context, const Words& words, sys::Effects& effects);
int restart(Context& context, const Words& words, sys::Effects& effects);
int join(Context& context, const Words& words, sys::Effects& effects);
int before_stop(Context& context, const Words& words, sys::Effects& effects);
int after_stop(Context& context, const Words& words, sys::Effects& effects);
int keep_volume(Context& context, const Words& words, sys::Effects& effects);
int log_relay(Context& context, const Words& words, sys::Effects& effects);
int run(Context& context, const Words& words, sys::Effects& effects);
int start(Context& context, const Words& words, sys::Effects& effects);
int stop(Context& context, const Words& words, sys::Effects& effects);
int tree(Context& context, const Words& words, sys::Effects& effects);
int uninstall(Context& context, const Words& words, sys::Effects& effects);
int unit_exit(Context& context, const Words& words, sys::Effects& effects);
int unit_stop(Context& context, const Words& words, sys::Effects& effects);
int unregister_profile(Context& context, const Words& words, sys::Effects& effects);

} // namespace gw::cli
