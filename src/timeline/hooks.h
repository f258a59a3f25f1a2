/* timeline/hooks.h: webhooks of shops: what Shopify and WooCommerce say, the moment they say it.
 *
 * Each shop has an address per vendor, /hooks/shopify/{token}, and a secret the owner sets; it is
 * sealed in the database. A delivery is believed only when the signature of its raw body is right
 * (HMAC-SHA256, compared in constant time); a new secret leaves the one before it good for
 * HOOK_PREVIOUS_MS. It is answered after its commit, within the vendor's 5 seconds:
 *
 *   200  taken, seen before, older than what we know, or refused for its content: all are final
 *   401  wrong signature     404  no such address     503  try again: nothing was stored
 *
 * Invariants
 *   - the same delivery never counts twice, for ever (hook_delivery);
 *   - of one order, product or checkout the latest word stands, in whatever order they arrive
 *     (hook_subject); a refund that comes before its order waits for it;
 *   - reports go through orders.h with TRUST_SHOP; people, traits and permissions through people/;
 *   - a payload we cannot use is refused with a reason, and leaves nothing behind.
 *
 * Shapes: https://shopify.dev/docs/api/webhooks?reference=toml (2025-01),
 * https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks (v3).
 *
 * Thread rule: any thread; deliveries are stored on the writer's.
 */
#pragma once
#include "net/request.h"
#include "net/server.h"
#include "timeline/orders.h"
#include "timeline/timeline.h"

typedef enum HookVendor { HOOK_SHOPIFY, HOOK_WOOCOMMERCE, HOOK_VENDORS } HookVendor;

enum {
    HOOK_BODY_BYTES_MAX = 4 * 1024 * 1024, /* orders of 1,000 lines have about 3 MB */
    HOOK_SECRET_BYTES_MIN = 8,
    HOOK_SECRET_BYTES_MAX = 255,
    HOOK_REFUSALS = 20, /* wrong signatures remembered, in memory */
    HOOK_DELIVERIES_SHOWN = 20,
    HOOK_TOKEN_SIZE = 33, /* 32 hex digits and NUL */
};
#define HOOK_PREVIOUS_MS                                                                           \
    (INT64_C(48) * 3600 * 1000) /* Shopify signs with the old one for an hour */

typedef struct Hooks Hooks;

typedef struct HookParts {
    Store *store;
    People *people;
    Timeline *timeline;
    Orders *orders;
} HookParts;

/* Loads the addresses. The parts must outlive the result. NULL on failure. */
Hooks *hooks_open(const HookParts *parts, GError **error);
void hooks_free(Hooks *hooks);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Hooks, hooks_free)

/* "shopify", "woocommerce"; and back, false when it is none. */
const char *hook_vendor_name(HookVendor vendor);
bool hook_vendor_find(const char *name, HookVendor *ret_vendor);

/* Sets the secret of a shop, making its address when there is none; `by` goes into the audit log.
 * Waits for the commit. Errors: NOT_FOUND (the shop). */
bool hooks_secret_set(Hooks *hooks, int64_t shop_id, HookVendor vendor, const char *secret,
                      const Actor *by, GError **error);

/* The token of the address of a shop; false when it has none. */
bool hooks_token(Hooks *hooks, int64_t shop_id, HookVendor vendor, char ret_token[HOOK_TOKEN_SIZE]);

/* Ends the address: deliveries are answered 404. What they said stays. */
bool hooks_remove(Hooks *hooks, int64_t shop_id, HookVendor vendor, const Actor *by,
                  GError **error);

typedef enum HookState {
    HOOK_TAKEN,
    HOOK_DUPLICATE, /* this delivery was seen before */
    HOOK_OLD,       /* a later word is known */
    HOOK_IGNORED,   /* a topic that changes nothing here, or a first ping */
    HOOK_REFUSED,   /* content that cannot be used; `reason` says why */
    HOOK_ASKS,      /* taken, and the owner has to do something: `reason` says what */
} HookState;

typedef struct HookDelivery {
    HookVendor vendor;
    const char *token;
    const char *signature; /* header; NULL: none */
    const char *topic;     /* "orders/create", "order.created"; NULL: none */
    const char *key;       /* of the delivery; NULL: the hash of topic and body stands in */
    const char *body;
    size_t size;
} HookDelivery;

/* Takes one delivery and waits for its commit. `ret_state` says what became of it. Errors:
 * NOT_FOUND (token), UNAUTHENTICATED (signature), UNAVAILABLE and the like: nothing was stored. */
bool hooks_take(Hooks *hooks, const HookDelivery *delivery, HookState *ret_state, GError **error);

/* Adds /hooks/… and /api/shops/{id}/hooks. Before the server starts. */
void hooks_add_routes(Hooks *hooks, Server *server);
