/// One function per verb: it adds the verb with its options and help to the command line, and says
/// what to run when the verb is chosen. Each has a file of its own name.
#pragma once

#include "cli/globals.hpp"

#include <CLI/CLI.hpp>
#include <functional>

namespace gw::cli {

/// What the chosen verb does; answers with the exit status.
using Action = std::function<int()>;

using AddVerb = void (*)(CLI::App& app, const Globals& globals, Action& chosen);

void add_reconcile(CLI::App& app, const Globals& globals, Action& chosen);
void add_plan(CLI::App& app, const Globals& globals, Action& chosen);
void add_prepare(CLI::App& app, const Globals& globals, Action& chosen);
void add_register(CLI::App& app, const Globals& globals, Action& chosen);
void add_unregister(CLI::App& app, const Globals& globals, Action& chosen);
void add_start(CLI::App& app, const Globals& globals, Action& chosen);
void add_stop(CLI::App& app, const Globals& globals, Action& chosen);
void add_restart(CLI::App& app, const Globals& globals, Action& chosen);
void add_status(CLI::App& app, const Globals& globals, Action& chosen);
void add_list(CLI::App& app, const Globals& globals, Action& chosen);
void add_logs(CLI::App& app, const Globals& globals, Action& chosen);
void add_detect(CLI::App& app, const Globals& globals, Action& chosen);
void add_run(CLI::App& app, const Globals& globals, Action& chosen);
void add_marker(CLI::App& app, const Globals& globals, Action& chosen);
void add_drain(CLI::App& app, const Globals& globals, Action& chosen);
void add_after_exit(CLI::App& app, const Globals& globals, Action& chosen);
void add_unit_hooks(CLI::App& app, const Globals& globals, Action& chosen);
void add_install(CLI::App& app, const Globals& globals, Action& chosen);
void add_uninstall(CLI::App& app, const Globals& globals, Action& chosen);
void add_render(CLI::App& app, const Globals& globals, Action& chosen);
void add_version(CLI::App& app, const Globals& globals, Action& chosen);

} // namespace gw::cli
