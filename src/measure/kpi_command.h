/* measure/kpi_command.h: `kith kpi [NAME…] [--from D] [--to D] [--zone Z] [--json]`. */
#pragma once
#include "base/console.h"
#include "measure/measure.h"

typedef struct KpiCommand {
    const char *const *names; /* figures asked for; none: all */
    size_t name_count;
    const char *from, *to; /* "YYYY-MM-DD": first day, first day no longer counted; NULL: open */
    const char *zone;      /* NULL: the business's */
    bool json;             /* also with month cohorts and return curves when no name is given */
} KpiCommand;

/* Prints the figures and returns the exit status (CONSOLE_…); unknown names and dates are usage. */
int kpi_command(Measure *measure, Console *console, const KpiCommand *command);
