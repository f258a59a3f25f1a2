/* app/jobs.h: every kind of job, named once. */
#pragma once
#include "app/app.h"
#include "store/jobs.h"

/* Starts the workers; store_close stops them. */
bool app_jobs_start(App *app, GError **error);

/* The same table, for running due jobs in a command. */
JobTable app_job_table(App *app);
