/* timeline/reconcile_private.h: one page on its way, for reconcile*.c alone. */
#pragma once
#include "net/http_client.h"
#include "timeline/hook_private.h"
#include "timeline/reconcile.h"

typedef enum ReconcileStage {
    READ_ORDERS,
    READ_CUSTOMERS,
    READ_PRODUCTS,
    READ_STAGES
} ReconcileStage;

/* How a shop is asked; texts are owned. */
typedef struct ShopApi {
    Hooks *hooks;
    int64_t shop_id, source_id, read_from, changed_at;
    HookVendor vendor;
    char *url;          /* without "/" at its end */
    char *user, *token; /* user "": the token stands alone */
    char *access;       /* Shopify, got with user and token; NULL: none */
    int64_t access_until;
} ShopApi;

/* How far a run is. */
typedef struct ReconcileRun {
    int64_t run_id, started_at, read_from, tries, pages;
    ReconcileStage stage;
    char *place; /* owned; NULL: the first page of the stage */
    char *note;  /* owned; what was left out, or NULL */
} ReconcileRun;

/* One page as it came. */
typedef struct ReconcilePage {
    json_t *items;   /* array, shaped as the webhooks' bodies are */
    char *next;      /* place of the page behind it; NULL: the stage is over */
    int64_t total;   /* rows the stage has by the shop's count; -1: it does not say */
    int64_t wait_ms; /* before the next page; 0: none */
} ReconcilePage;

typedef enum ShopAnswer {
    SHOP_GAVE,
    SHOP_LATER,  /* ask again after wait_ms */
    SHOP_CLOSED, /* this stage is not for us: `reason` */
    SHOP_NEVER,  /* nothing will come: `reason` */
    SHOP_LOST,   /* the place is no place any more: from the first page */
} ShopAnswer;

/* What a call came to. */
typedef struct ShopWord {
    ShopAnswer answer;
    int64_t wait_ms; /* 0: not said */
    long status;     /* of HTTP, when that is the reason; else 0 */
    char *reason;    /* owned; without personal data */
} ShopWord;

/* Reads one page; `ret_page` is filled when the word is SHOP_GAVE. False only for our own errors
 * (the database). */
typedef bool (*ReconcileRead)(ShopApi *api, const ReconcileRun *run, Job *job,
                              ReconcilePage *ret_page, ShopWord *ret_word, GError **error);
bool reconcile_read_shopify(ShopApi *api, const ReconcileRun *run, Job *job,
                            ReconcilePage *ret_page, ShopWord *ret_word, GError **error);
bool reconcile_read_woocommerce(ShopApi *api, const ReconcileRun *run, Job *job,
                                ReconcilePage *ret_page, ShopWord *ret_word, GError **error);

/* ── asking (reconcile_ask.c) ── */

/* One request. The answer's JSON is owned by the caller; NULL unless the word is SHOP_GAVE. */
typedef struct ShopAsk {
    const char *path; /* from "/" on, with its query */
    const char *const *headers;
    const char *user, *password, *body; /* as in HttpAsk */
    Job *job;
} ShopAsk;
json_t *shop_ask(const ShopApi *api, const ShopAsk *ask, HttpAnswer *ret_answer,
                 ShopWord *ret_word);
void shop_word_set(ShopWord *word, ShopAnswer answer, int64_t wait_ms, const char *reason);
void shop_word_clear(ShopWord *word);
/* "2026-11-22T03:00:00", UTC without a sign of it. */
void shop_time(int64_t at, char ret_text[32]);

/* ── settings (reconcile_api.c) ── */
/* Fills in the rest; hooks, shop_id and vendor are set. */
bool shop_api_load(ShopApi *api, Db *db, bool *ret_found, GError **error);
void shop_api_clear(ShopApi *api);
/* Keeps an access token, or forgets it (NULL). Waits for the commit. */
bool shop_api_access_set(ShopApi *api, const char *access, int64_t until, GError **error);
/* The next night at which this shop is asked. */
bool shop_api_night(Db *db, int64_t shop_id, int64_t now, int64_t *ret_at, GError **error);
char *reconcile_job_key(int64_t shop_id, HookVendor vendor);

typedef struct ShopApiInput {
    int64_t shop_id;
    HookVendor vendor;
    const char *url, *user, *token;
    int64_t read_from;
    const Actor *by;
} ShopApiInput;
/* Sets how the shop is asked and asks at once. Errors: NOT_FOUND (the shop), INVALID (url). */
bool shop_api_set(Hooks *hooks, const ShopApiInput *input, GError **error);
bool shop_api_remove(Hooks *hooks, const ShopApiInput *input, GError **error);
/* Asks now. Errors: NOT_FOUND. */
bool shop_api_now(Hooks *hooks, const ShopApiInput *input, GError **error);

extern const char *const reconcile_stage_names[]; /* "orders", …, NULL */
