/* timeline/order_jobs.h: amounts in base currency computed afresh, a few hundred rows at a time. */
#pragma once
#include "store/jobs.h"
#include "timeline/orders.h"

/* Add a job of this kind, with an empty key, whenever a rate or the business's currency changed. */
#define ORDERS_REBASE_JOB "orders.rebase"

bool orders_rebase_ask(Db *db, int64_t now, GError **error);
bool orders_rebase_job(Job *job, Orders *orders, GError **error);
