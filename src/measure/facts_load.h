/* measure/facts_load.h: reads the facts from the store, in chunks that never hold a reader long.
 *
 * Orders and refunds are walked by primary key; each chunk is its own reader transaction, far
 * under the 2 s at which readers are cut. Rows written meanwhile may or may not be in: the caller
 * notes the version before and loads again when it has moved.
 *
 *     g_autoptr(Facts) facts = facts_load(&(FactsSource){store, person_of, people, version},
 * error);
 */
#pragma once
#include "measure/facts.h"
#include "store/store.h"

enum { FACTS_CHUNK_ROWS = 20000 };

typedef struct FactsSource {
    Store *store;
    int64_t (*person)(void *data, int64_t stem); /* survivor of a stem; <= 0: nobody known */
    void *data;
    FactsOrigin origin; /* copied into the result */
} FactsSource;

/* Loads everything; the caller's reference. NULL on failure of the database. About 1 M orders/s. */
Facts *facts_load(const FactsSource *source, GError **error);
