/* app/demo_command.h: `kith demo [--people N] [--seed N] [--fill]`. */
#pragma once
#include "app/command.h"

enum { DEMO_OPTIONS = 3 };
extern const CommandOption demo_options[DEMO_OPTIONS];

/* Fills the folder with the simulated shop unless it holds it already, then serves it. With --fill
 * it does not serve. Returns the exit status. */
int demo_run(App *none, Console *console, const CommandLine *line);
