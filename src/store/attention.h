/* store/attention.h: what needs a person's attention: items and jobs on which the process died
 * twice, and jobs that failed as often as they may.
 *
 *     attention_each(db, 100, show, page, error);
 *     attention_settle(store, parked_id, true, error);      // try it again
 */
#pragma once
#include "store/store.h"

typedef struct AttentionItem {
    int64_t parked_id;
    const char *stage;  /* name of the stage, or "job:" and the kind; valid during the visit */
    int64_t item;       /* event id or job id */
    const char *reason; /* text without personal data */
    int64_t at;         /* UTC ms */
} AttentionItem;

/* Visits what is parked and not settled, newest first, at most `limit`. */
bool attention_each(Db *db, int64_t limit,
                    bool (*visit)(const AttentionItem *item, void *data, GError **error),
                    void *data, GError **error);

/* Settles one: `retry` tries it again, else it is dropped. Waits for the commit.
 * Errors: KITH_ERROR_NOT_FOUND. */
bool attention_settle(Store *store, int64_t parked_id, bool retry, GError **error);
