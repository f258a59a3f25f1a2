/* timeline/hook_private.h: one delivery on its way, for hook*.c alone. */
#pragma once
#include <jansson.h>

#include "people/resolve.h"
#include "timeline/hooks.h"

/* An address, secrets opened. */
typedef struct HookPlace {
    int64_t shop_id, source_id;
    HookVendor vendor;
    char token[HOOK_TOKEN_SIZE];
    char *secret, *previous; /* previous NULL: none */
    int64_t previous_until, changed_at;
} HookPlace;

typedef struct HookRefusal {
    int64_t shop_id, at;
    HookVendor vendor;
    const char *reason; /* static */
} HookRefusal;

struct Hooks {
    HookParts parts;
    GMutex lock;       /* of what follows; never held over the database */
    GPtrArray *places; /* of HookPlace */
    HookRefusal refusals[HOOK_REFUSALS];
    size_t refusal_count; /* ever; the ring holds the last ones */
};

/* One delivery in the writer's unit. Its functions set `state` and `reason`. */
typedef struct HookWork {
    Hooks *hooks;
    Db *db;
    int64_t shop_id, source_id, now;
    HookVendor vendor;
    const char *topic, *key;
    json_t *body;
    int64_t said_at;               /* as of when the payload speaks; now when it does not say */
    bool late;                     /* read from the shop's API (reconcile.h): triggers nothing */
    bool order_new, order_changed; /* what its order was to us; set by hook_order */
    HookState state;
    char *reason; /* owned */
} HookWork;

/* Runs the function of its topic; a topic that nobody needs is HOOK_IGNORED. */
bool hook_topic_run(HookWork *work, GError **error);
/* As of when the body speaks; `now` when it does not say. */
int64_t hook_said_at(const HookWork *work);
/* An error that lies in what was said: said again it would fail again. */
bool hook_is_content_error(const GError *problem);
/* The source of a shop's words, by webhook or API, made when there is none. Writer thread. */
bool hook_source_get(Hooks *hooks, Db *db, int64_t shop_id, HookVendor vendor,
                     int64_t *ret_source_id, GError **error);

typedef bool (*HookRun)(HookWork *work, GError **error);
typedef struct HookTopic {
    const char *name;
    HookRun run;
} HookTopic;

/* Each ends with {NULL}. */
extern const HookTopic hook_shopify_topics[], hook_woocommerce_topics[];

/* ── reading (hook_read.c): what is absent or of another type is empty ── */
Slice hook_text(const json_t *object, const char *name);
/* A number or text as text, for ids: exact beyond 2^53. The caller frees; NULL when absent. */
char *hook_id(const json_t *object, const char *name);
/* A decimal, × 10^6. Errors: INVALID naming the member. */
bool hook_amount(const json_t *object, const char *name, DbInt *ret_micros, GError **error);
/* An ISO 8601 time; 0 when absent or unreadable. Without offset: UTC. */
int64_t hook_time(const json_t *object, const char *name);

/* ── writing (hook_write.c) ── */

/* Who a payload speaks of; texts are borrowed. */
typedef struct HookPerson {
    const char *user_id;
    Slice email, phone, first_name, last_name, company, country, city, zip, language;
    int64_t stem, person_id; /* set by hook_person */
} HookPerson;

/* Finds or makes the person and notes what is said of them. Nobody named: stem stays 0. */
bool hook_person(HookWork *work, HookPerson *person, GError **error);

typedef enum HookConsent {
    HOOK_SAYS_NOTHING,
    HOOK_SAYS_YES,
    HOOK_SAYS_ASKED,
    HOOK_SAYS_NO
} HookConsent;
/* What the shop knows of a permission, as of `at`. */
bool hook_consent(HookWork *work, const HookPerson *person, const char *channel, HookConsent says,
                  int64_t at, GError **error);

/* Is this the latest word about the subject ("order", "820982911946154508")? Notes it if so;
 * else work->state is HOOK_OLD. `order_key` NULL keeps nothing. */
bool hook_subject_newer(HookWork *work, const char *kind, const char *id, const char *order_key,
                        bool *ret_newer, GError **error);
/* The order key noted for an order of that id; NULL when none. The caller frees. */
bool hook_order_key(HookWork *work, const char *id, char **ret_key, GError **error);

/* An order as a vendor's file reads it. Amounts × 10^6. */
typedef struct HookOrder {
    Slice order_key, number, coupon, currency;
    DbInt revenue, tax, shipping, discount;
    int64_t occurred_at, cancelled_at; /* 0 = not said */
    bool test;
    GArray *lines; /* of OrderLine, price × 10^6; may be NULL */
} HookOrder;
bool hook_order(HookWork *work, const HookOrder *order, const HookPerson *person, GError **error);

/* A deleted order counts no more; one that never came leaves nothing. */
bool hook_order_delete(HookWork *work, GError **error);

/* Notes one refund of an order by the vendor's numbers. `micros` > 0. */
bool hook_refund_note(HookWork *work, const char *order_ref, const char *refund_ref, int64_t micros,
                      int64_t at, GError **error);
/* Reports what all refunds noted of that order sum up to, under the order's key, as a file's
 * "refunded" column does, so that both are one. Before the order is known they wait. */
bool hook_refunds_report(HookWork *work, const char *order_ref, Slice currency, GError **error);

/* One event of the person; `message` keeps it from counting twice. `steal`: its properties. */
bool hook_event(HookWork *work, int64_t stem, const char *name, const char *message, json_t *steal,
                GError **error);

typedef struct HookProduct {
    const char *key, *name, *variant, *category, *url, *image_url;
    DbInt price, stock; /* price × 10^6 */
} HookProduct;
bool hook_product(HookWork *work, const HookProduct *product, GError **error);

/* Sets state and reason; returns true. */
bool hook_say(HookWork *work, HookState state, const char *reason);
