#include "store/changes.h"

#include "base/clock.h"
#include "base/error.h"
#include "store/store_private.h"

typedef struct ListenerChange {
    Store *store;
    const StoreListener *add; /* NULL: remove `data` */
    void *data;
} ListenerChange;

static bool listener_change(Db *db, void *data, GError **error)
{
    const ListenerChange *change = data;
    Store *store = change->store;
    (void)db;
    if (change->add) {
        if (store->listener_count == STORE_LISTENERS_MAX)
            return fail(error, KITH_ERROR_LIMIT, "more than %d listeners", STORE_LISTENERS_MAX);
        store->listeners[store->listener_count++] = *change->add;
        return true;
    }
    for (unsigned i = 0; i < store->listener_count; i++) {
        if (store->listeners[i].data != change->data) continue;
        store->listeners[i] = store->listeners[--store->listener_count];
        break;
    }
    return true;
}

bool store_listen(Store *store, const StoreListener *listener, GError **error)
{
    ListenerChange change = {store, listener, listener->data};
    return writer_between(store->writer, listener_change, &change, error);
}

void store_unlisten(Store *store, void *data)
{
    ListenerChange change = {store, NULL, data};
    writer_between(store->writer, listener_change, &change, NULL); /* fails only when it ended */
}

bool store_changed(Db *db, const StoreChange *change, GError **error)
{
    Store *store = db_store(db);
    if (!store || !store->writer || !writer_is_current(store->writer)) return true;
    for (unsigned i = 0; i < store->listener_count; i++)
        if (!store->listeners[i].changed(store->listeners[i].data, db, change, error)) return false;
    return true;
}

bool store_changed_now(Db *db, ChangeKind kind, int64_t stem, GError **error)
{
    StoreChange change = {.kind = kind, .stem = stem, .at = clock_now_ms()};
    return store_changed(db, &change, error);
}
