#include "timeline/hook_private.h"

#include <sodium.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "net/audit.h"
#include "store/secret.h"
#include "timeline/hooks_sql.h"

#define SECRET_PURPOSE "shop hook"

static const char *const vendor_names[] = {"shopify", "woocommerce"};
static const char *const source_names[] = {"Shopify", "WooCommerce"};

const char *hook_vendor_name(HookVendor vendor) { return vendor_names[vendor]; }

bool hook_vendor_find(const char *name, HookVendor *ret_vendor)
{
    for (int i = 0; i < HOOK_VENDORS; i++) {
        if (strcmp(name, vendor_names[i]) != 0) continue;
        *ret_vendor = (HookVendor)i;
        return true;
    }
    return false;
}

/* ── addresses ───────────────────────────────────────────────────────────────────────────────── */

static void place_secret_free(char *secret)
{
    if (secret) sodium_memzero(secret, strlen(secret));
    g_free(secret);
}

static void place_free(HookPlace *place)
{
    if (!place) return;
    place_secret_free(place->secret);
    place_secret_free(place->previous);
    g_free(place);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HookPlace, place_free)

static HookPlace *place_copy(const HookPlace *place)
{
    HookPlace *copy = g_memdup2(place, sizeof *place);
    copy->secret = g_strdup(place->secret);
    copy->previous = g_strdup(place->previous);
    return copy;
}

static HookPlace *place_of(Store *store, const HooksAllRow *row, GError **error)
{
    g_autoptr(HookPlace) place = g_new0(HookPlace, 1);
    place->shop_id = row->shop_id;
    place->source_id = row->source_id;
    place->changed_at = row->changed_at;
    place->previous_until = row->previous_until.value;
    g_strlcpy(place->token, row->token, sizeof place->token);
    if (!hook_vendor_find(row->vendor, &place->vendor)) {
        fail(error, KITH_ERROR_INTERNAL, "webhook of unknown vendor \"%s\"", row->vendor);
        return NULL;
    }
    place->secret = store_unseal(store, SECRET_PURPOSE, row->secret, error);
    if (!place->secret) return NULL;
    if (row->previous) place->previous = store_unseal(store, SECRET_PURPOSE, row->previous, NULL);
    return g_steal_pointer(&place);
}

static bool places_read(Store *store, Db *db, GPtrArray *places, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    HooksAllRow row;
    if (!sql_hooks_all_open(db, &cursor, error)) return false;
    while (sql_hooks_all_next(&cursor, &row)) {
        HookPlace *place = place_of(store, &row, error);
        if (!place) return false;
        g_ptr_array_add(places, place);
    }
    return db_cursor_finish(&cursor, error);
}

/* Reads all addresses afresh. */
static bool places_load(Hooks *hooks, GError **error)
{
    g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func((GDestroyNotify)place_free);
    Db *db = store_reader_begin(hooks->parts.store, error);
    if (!db) return false;
    bool good = places_read(hooks->parts.store, db, places, error);
    store_reader_end(hooks->parts.store, db);
    if (!good) return false;
    g_mutex_lock(&hooks->lock);
    GPtrArray *old = hooks->places;
    hooks->places = g_steal_pointer(&places);
    g_mutex_unlock(&hooks->lock);
    if (old) g_ptr_array_unref(old);
    return true;
}

Hooks *hooks_open(const HookParts *parts, GError **error)
{
    g_autoptr(Hooks) hooks = g_new0(Hooks, 1);
    hooks->parts = *parts;
    g_mutex_init(&hooks->lock);
    return places_load(hooks, error) ? g_steal_pointer(&hooks) : NULL;
}

void hooks_free(Hooks *hooks)
{
    if (!hooks) return;
    if (hooks->places) g_ptr_array_unref(hooks->places);
    g_mutex_clear(&hooks->lock);
    g_free(hooks);
}

/* A copy of the address of that shop (or, with `token`, of that token); NULL when there is none. */
static HookPlace *place_find(Hooks *hooks, int64_t shop_id, HookVendor vendor, const char *token)
{
    HookPlace *found = NULL;
    g_mutex_lock(&hooks->lock);
    for (guint i = 0; !found && i < hooks->places->len; i++) {
        const HookPlace *place = g_ptr_array_index(hooks->places, i);
        bool fits = token ? strcmp(place->token, token) == 0 : place->shop_id == shop_id;
        if (fits && place->vendor == vendor) found = place_copy(place);
    }
    g_mutex_unlock(&hooks->lock);
    return found;
}

bool hooks_token(Hooks *hooks, int64_t shop_id, HookVendor vendor, char ret_token[HOOK_TOKEN_SIZE])
{
    g_autoptr(HookPlace) place = place_find(hooks, shop_id, vendor, NULL);
    if (place) g_strlcpy(ret_token, place->token, HOOK_TOKEN_SIZE);
    return place != NULL;
}

typedef struct SecretSet {
    Hooks *hooks;
    int64_t shop_id, now;
    HookVendor vendor;
    const Actor *by;
    const char *sealed, *previous; /* previous: or NULL */
    char token[HOOK_TOKEN_SIZE];
} SecretSet;

/* What came by an address that was removed keeps its source; a new address goes on with it. */
bool hook_source_get(Hooks *hooks, Db *db, int64_t shop_id, HookVendor vendor,
                     int64_t *ret_source_id, GError **error)
{
    HookSourceFindRow row;
    bool found;
    HookSourceFindParams find = {.shop_id = shop_id, .name = source_names[vendor]};
    if (!sql_hook_source_find(db, &find, &row, &found, error)) return false;
    *ret_source_id = found ? row.source_id : store_id_next(hooks->parts.store);
    HookSourceInsertParams insert = {.source_id = *ret_source_id,
                                     .trust = TRUST_SHOP,
                                     .name = source_names[vendor],
                                     .shop_id = shop_id,
                                     .created_at = clock_now_ms()};
    return found || sql_hook_source_insert(db, &insert, NULL, error);
}

static bool hook_audit(const SecretSet *set, Db *db, const char *action, GError **error)
{
    g_autofree char *detail = g_strdup_printf("{\"vendor\":\"%s\"}", vendor_names[set->vendor]);
    AuditEntry entry = {.audit_id = store_id_next(set->hooks->parts.store),
                        .at = set->now,
                        .by = set->by,
                        .action = action,
                        .kind = "shop",
                        .id = set->shop_id,
                        .detail = detail};
    return audit_add(db, &entry, error);
}

static bool secret_run(Db *db, void *data, GError **error)
{
    SecretSet *set = data;
    HookShopFindRow shop;
    bool found;
    HookShopFindParams find = {.shop_id = set->shop_id};
    if (!sql_hook_shop_find(db, &find, &shop, &found, error)) return false;
    if (!found) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such shop");
    HookPutParams put = {.shop_id = set->shop_id,
                         .vendor = vendor_names[set->vendor],
                         .token = set->token,
                         .secret = set->sealed,
                         .previous = set->previous,
                         .previous_until = {set->previous != NULL, set->now + HOOK_PREVIOUS_MS},
                         .at = set->now};
    return hook_source_get(set->hooks, db, set->shop_id, set->vendor, &put.source_id, error) &&
           sql_hook_put(db, &put, NULL, error) && hook_audit(set, db, "hook.set", error);
}

bool hooks_secret_set(Hooks *hooks, int64_t shop_id, HookVendor vendor, const char *secret,
                      const Actor *by, GError **error)
{
    Store *store = hooks->parts.store;
    g_autoptr(HookPlace) old = place_find(hooks, shop_id, vendor, NULL);
    g_autofree char *sealed = store_seal(store, SECRET_PURPOSE, secret);
    g_autofree char *previous = old ? store_seal(store, SECRET_PURPOSE, old->secret) : NULL;
    SecretSet set = {.hooks = hooks,
                     .shop_id = shop_id,
                     .now = clock_now_ms(),
                     .vendor = vendor,
                     .by = by,
                     .sealed = sealed,
                     .previous = previous};
    uint8_t bits[(HOOK_TOKEN_SIZE - 1) / 2];
    randombytes_buf(bits, sizeof bits);
    sodium_bin2hex(set.token, sizeof set.token, bits, sizeof bits);
    return writer_call(store_writer(store), WRITER_REST, secret_run, &set, error) &&
           places_load(hooks, error);
}

static bool remove_run(Db *db, void *data, GError **error)
{
    SecretSet *set = data;
    HookDropParams params = {.shop_id = set->shop_id, .vendor = vendor_names[set->vendor]};
    return sql_hook_drop(db, &params, NULL, error) && hook_audit(set, db, "hook.remove", error);
}

bool hooks_remove(Hooks *hooks, int64_t shop_id, HookVendor vendor, const Actor *by, GError **error)
{
    SecretSet set = {
        .hooks = hooks, .shop_id = shop_id, .now = clock_now_ms(), .vendor = vendor, .by = by};
    g_autoptr(HookPlace) place = place_find(hooks, shop_id, vendor, NULL);
    if (!place) return fail(error, KITH_ERROR_NOT_FOUND, "this shop has no such webhooks");
    return writer_call(store_writer(hooks->parts.store), WRITER_REST, remove_run, &set, error) &&
           places_load(hooks, error);
}

/* ── signatures ──────────────────────────────────────────────────────────────────────────────── */

static bool signed_with(const char *secret, const HookDelivery *delivery, const uint8_t *said)
{
    uint8_t own[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, (const uint8_t *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const uint8_t *)delivery->body, delivery->size);
    crypto_auth_hmacsha256_final(&state, own);
    return sodium_memcmp(own, said, sizeof own) == 0;
}

static bool signature_check(const HookPlace *place, const HookDelivery *delivery, int64_t now)
{
    uint8_t said[crypto_auth_hmacsha256_BYTES];
    size_t size = 0;
    const char *text = delivery->signature;
    if (!text || sodium_base642bin(said, sizeof said, text, strlen(text), NULL, &size, NULL,
                                   sodium_base64_VARIANT_ORIGINAL) != 0)
        return false;
    if (size != sizeof said) return false;
    bool good = signed_with(place->secret, delivery, said);
    bool before = place->previous && now < place->previous_until &&
                  signed_with(place->previous, delivery, said);
    return good || before;
}

static bool refuse(Hooks *hooks, const HookPlace *place, const char *reason, GError **error)
{
    g_mutex_lock(&hooks->lock);
    hooks->refusals[hooks->refusal_count++ % HOOK_REFUSALS] =
        (HookRefusal){place->shop_id, clock_now_ms(), place->vendor, reason};
    g_mutex_unlock(&hooks->lock);
    return fail(error, KITH_ERROR_UNAUTHENTICATED, "%s", reason);
}

/* ── one delivery ────────────────────────────────────────────────────────────────────────────── */

static const HookTopic *topic_find(HookVendor vendor, const char *name)
{
    const HookTopic *topic = vendor == HOOK_SHOPIFY ? hook_shopify_topics : hook_woocommerce_topics;
    for (; topic->name; topic++)
        if (strcmp(topic->name, name) == 0) return topic;
    return NULL;
}

static const char *state_name(HookState state)
{
    static const char *const names[] = {"taken", "duplicate", "old", "ignored", "refused", "asks"};
    return names[state];
}

static bool delivery_claim(HookWork *work, GError **error)
{
    int64_t added;
    HookDeliveryAddParams params = {.source_id = work->source_id,
                                    .delivery_key = work->key,
                                    .topic = work->topic,
                                    .state = state_name(work->state),
                                    .reason = work->reason,
                                    .received_at = work->now};
    if (!sql_hook_delivery_add(work->db, &params, &added, error)) return false;
    if (added == 0) work->state = HOOK_DUPLICATE;
    return true;
}

bool hook_topic_run(HookWork *work, GError **error)
{
    const HookTopic *topic = topic_find(work->vendor, work->topic);
    if (!topic || !topic->run)
        return hook_say(work, HOOK_IGNORED, topic ? NULL : "nothing here needs this topic");
    return topic->run(work, error);
}

static bool work_run(Db *db, void *data, GError **error)
{
    HookWork *work = data;
    work->db = db;
    hook_say(work, HOOK_TAKEN, NULL);
    if (!delivery_claim(work, error)) return false;
    if (work->state == HOOK_DUPLICATE) return true;
    if (!hook_topic_run(work, error)) return false;
    HookDeliverySayParams params = {.source_id = work->source_id,
                                    .delivery_key = work->key,
                                    .state = state_name(work->state),
                                    .reason = work->reason};
    return sql_hook_delivery_say(db, &params, NULL, error);
}

/* Only notes that the delivery was refused, and why. */
static bool refusal_run(Db *db, void *data, GError **error)
{
    HookWork *work = data;
    work->db = db;
    return delivery_claim(work, error);
}

bool hook_is_content_error(const GError *problem)
{
    KithError code = error_code(problem);
    return code == KITH_ERROR_INVALID || code == KITH_ERROR_LIMIT || code == KITH_ERROR_NOT_FOUND ||
           code == KITH_ERROR_CONFLICT;
}

int64_t hook_said_at(const HookWork *work)
{
    static const char *const names[HOOK_VENDORS][3] = {
        {"updated_at", "created_at", NULL}, {"date_modified_gmt", "date_modified", NULL}};
    for (size_t i = 0; names[work->vendor][i]; i++) {
        int64_t at = hook_time(work->body, names[work->vendor][i]);
        if (at > 0) return MIN(at, work->now);
    }
    return work->now;
}

static bool body_read(HookWork *work, const HookDelivery *delivery, GError **error)
{
    json_error_t problem;
    work->body = json_loadb(delivery->body, delivery->size, 0, &problem);
    if (!work->body)
        return fail(error, KITH_ERROR_INVALID, "the body is no JSON: byte %d", problem.position);
    if (!json_is_object(work->body))
        return fail(error, KITH_ERROR_INVALID, "the body is no JSON object");
    work->said_at = hook_said_at(work);
    return true;
}

static bool work_store(HookWork *work, const HookDelivery *delivery, GError **error)
{
    g_autoptr(GError) problem = NULL;
    Writer *writer = store_writer(work->hooks->parts.store);
    bool good = body_read(work, delivery, &problem) &&
                writer_call(writer, WRITER_ACK, work_run, work, &problem);
    if (good) orders_changed(work->hooks->parts.orders);
    if (good) return true;
    if (!hook_is_content_error(problem)) {
        g_propagate_error(error, g_steal_pointer(&problem));
        return false;
    }
    hook_say(work, HOOK_REFUSED, problem->message);
    return writer_call(writer, WRITER_ACK, refusal_run, work, error);
}

/* Without an id of its own a delivery is known by what it says. */
static char *delivery_key(const HookDelivery *delivery)
{
    if (delivery->key && *delivery->key) return g_strndup(delivery->key, 200);
    uint8_t hash[16];
    char text[sizeof hash * 2 + 1];
    crypto_generichash(hash, sizeof hash, (const uint8_t *)delivery->body, delivery->size,
                       (const uint8_t *)delivery->topic,
                       MIN(strlen(delivery->topic), crypto_generichash_KEYBYTES_MAX));
    sodium_bin2hex(text, sizeof text, hash, sizeof hash);
    return g_strdup(text);
}

bool hooks_take(Hooks *hooks, const HookDelivery *delivery, HookState *ret_state, GError **error)
{
    g_autoptr(HookPlace) place = place_find(hooks, 0, delivery->vendor, delivery->token);
    int64_t now = clock_now_ms();
    if (!place) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such address");
    if (!signature_check(place, delivery, now))
        return refuse(hooks, place,
                      delivery->signature ? "wrong signature: is the secret the one of this shop?"
                                          : "no signature",
                      error);
    g_autofree char *topic = g_strndup(delivery->topic ? delivery->topic : "", 100);
    HookDelivery known = *delivery;
    known.topic = topic;
    g_autofree char *key = delivery_key(&known);
    HookWork work = {.hooks = hooks,
                     .shop_id = place->shop_id,
                     .source_id = place->source_id,
                     .now = now,
                     .vendor = place->vendor,
                     .topic = topic,
                     .key = key};
    bool good = work_store(&work, delivery, error);
    if (good) *ret_state = work.state;
    json_decref(work.body);
    g_free(work.reason);
    return good;
}
