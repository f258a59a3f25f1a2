/* timeline/reconcile.h: every night the shop itself is asked what changed.
 *
 * Webhooks get lost: the shop gives up after a while, an address was wrong, we were away. So each
 * night, with a token the owner gave, orders (with their refunds), customers and products that
 * changed since the last reading are read through the shop's API and taken exactly as a webhook
 * would have been. What had not come is counted and shown.
 *
 * Invariants
 *   - a run is a row; each page is one run of the job, and the place of the next page is stored in
 *     the transaction of the page's last rows: killed at any moment it goes on, and rows read twice
 *     change nothing (hook_subject);
 *   - what comes in late triggers nothing: its events are marked as an import's are;
 *   - RECONCILE_OVERLAP_MS are read again, for clocks that differ;
 *   - the shop's "later" (429, 5xx, no answer) is waited for, as long as it says; its "no" ends the
 *     run with a reason, and the next night tries again;
 *   - the token is sealed and never answered.
 *
 * Thread rule: the job runs on a worker, rows are stored on the writer's thread.
 */
#pragma once
#include "store/jobs.h"
#include "timeline/hooks.h"

#define RECONCILE_JOB        "shop.reconcile" /* key: "SHOP-VENDOR" */
#define RECONCILE_OVERLAP_MS (INT64_C(20) * 60 * 1000)
#define RECONCILE_FIRST_MS   (INT64_C(60) * 24 * 3600 * 1000) /* what Shopify shows of old orders */

enum {
    RECONCILE_TRIES_MAX = 12,  /* without an answer, in a row */
    RECONCILE_PAUSE_MS = 1000, /* after the first; doubled each time */
    RECONCILE_PAUSE_MS_MAX = 3600 * 1000,
    RECONCILE_UNIT_ITEMS = 25, /* of a page, in one unit of the writer */
    RECONCILE_RUNS_SHOWN = 10,
    RECONCILE_KEPT_DAYS = 90,
    RECONCILE_PAGE_BYTES_MAX = 32 * 1024 * 1024,
    RECONCILE_HOUR = 3, /* of the night, in the business's zone; shops are spread over two hours */
};

/* The run of RECONCILE_JOB: one page. */
bool reconcile_run(Hooks *hooks, Job *job, GError **error);

/* Adds /api/shops/{id}/apis. Before the server starts. */
void reconcile_add_routes(Hooks *hooks, Server *server);
