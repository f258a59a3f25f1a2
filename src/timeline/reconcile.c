#include "timeline/reconcile_private.h"

#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/ids.h"
#include "timeline/reconcile_sql.h"

static const char *const topics[HOOK_VENDORS][READ_STAGES] = {
    {"orders/updated", "customers/update", "products/update"},
    {"order.updated", "customer.updated", "product.updated"},
};
static const ReconcileRead readers[HOOK_VENDORS] = {reconcile_read_shopify,
                                                    reconcile_read_woocommerce};

/* Part of a page in a unit of the writer. */
typedef struct PageWork {
    const ShopApi *api;
    const ReconcileRun *run;
    const ReconcilePage *page;
    size_t from, to; /* of its items */
    int64_t orders_new, orders_changed;
} PageWork;

static void run_clear(ReconcileRun *run)
{
    g_free(run->place);
    g_free(run->note);
    *run = (ReconcileRun){0};
}

/* ── rows ────────────────────────────────────────────────────────────────────────────────────── */

static bool item_take(PageWork *page, Db *db, json_t *item, GError **error)
{
    const ShopApi *api = page->api;
    HookWork work = {.hooks = api->hooks,
                     .db = db,
                     .shop_id = api->shop_id,
                     .source_id = api->source_id,
                     .now = clock_now_ms(),
                     .vendor = api->vendor,
                     .topic = topics[api->vendor][page->run->stage],
                     .key = "",
                     .body = item,
                     .late = true};
    if (!json_is_object(item)) return fail(error, KITH_ERROR_INVALID, "a row is no object");
    work.said_at = hook_said_at(&work);
    bool good = hook_topic_run(&work, error);
    page->orders_new += work.order_new;
    page->orders_changed += work.order_changed;
    g_free(work.reason);
    return good;
}

static bool items_run(Db *db, void *data, GError **error)
{
    PageWork *page = data;
    const ShopApi *api = page->api;
    page->orders_new = page->orders_changed = 0;
    for (size_t i = page->from; i < page->to; i++)
        if (!item_take(page, db, json_array_get(page->page->items, i), error)) return false;
    ReconcileCountParams count = {.shop_id = api->shop_id,
                                  .vendor = hook_vendor_name(api->vendor),
                                  .run_id = page->run->run_id,
                                  .orders_new = page->orders_new,
                                  .orders_changed = page->orders_changed};
    return sql_reconcile_count(db, &count, NULL, error);
}

static bool refused_run(Db *db, void *data, GError **error)
{
    const PageWork *page = data;
    ReconcileCountParams count = {.shop_id = page->api->shop_id,
                                  .vendor = hook_vendor_name(page->api->vendor),
                                  .run_id = page->run->run_id,
                                  .refused = 1};
    return sql_reconcile_count(db, &count, NULL, error);
}

static Writer *writer_of(const ShopApi *api) { return store_writer(api->hooks->parts.store); }

/* Rows one by one, because one of them cannot be used: that one is left out and counted. */
static bool items_single(const PageWork *page, GError **error)
{
    for (size_t i = page->from; i < page->to; i++) {
        g_autoptr(GError) problem = NULL;
        PageWork one = *page;
        one.from = i;
        one.to = i + 1;
        if (writer_call(writer_of(page->api), WRITER_REST, items_run, &one, &problem)) continue;
        if (!hook_is_content_error(problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        if (!writer_call(writer_of(page->api), WRITER_REST, refused_run, &one, error)) return false;
    }
    return true;
}

static bool items_store(const ShopApi *api, const ReconcileRun *run, const ReconcilePage *page,
                        Job *job, GError **error)
{
    size_t count = json_array_size(page->items);
    for (size_t from = 0; from < count; from += RECONCILE_UNIT_ITEMS) {
        g_autoptr(GError) problem = NULL;
        PageWork part = {.api = api,
                         .run = run,
                         .page = page,
                         .from = from,
                         .to = MIN(from + RECONCILE_UNIT_ITEMS, count)};
        if (job_stopping(job)) return true; /* the page is read again: its place has not moved */
        if (writer_call(writer_of(api), WRITER_REST, items_run, &part, &problem)) continue;
        if (!hook_is_content_error(problem)) {
            g_propagate_error(error, g_steal_pointer(&problem));
            return false;
        }
        if (!items_single(&part, error)) return false;
    }
    orders_changed(api->hooks->parts.orders);
    return true;
}

/* ── how far ─────────────────────────────────────────────────────────────────────────────────── */

/* The step behind a page, or the end of the run. */
typedef struct Step {
    const ShopApi *api;
    const ReconcileRun *run; /* as it is from now on */
    int64_t rows[READ_STAGES], pages;
    const char *state; /* of the end; NULL: it goes on */
    int64_t again_at;  /* set */
} Step;

static bool step_put(const Step *step, Db *db, GError **error)
{
    const ReconcileRun *run = step->run;
    ReconcileStepParams put = {.shop_id = step->api->shop_id,
                               .vendor = hook_vendor_name(step->api->vendor),
                               .run_id = run->run_id,
                               .stage = reconcile_stage_names[run->stage],
                               .place = run->place,
                               .tries = run->tries,
                               .pages = step->pages,
                               .orders = step->rows[READ_ORDERS],
                               .customers = step->rows[READ_CUSTOMERS],
                               .products = step->rows[READ_PRODUCTS],
                               .reason = run->note};
    return sql_reconcile_step(db, &put, NULL, error);
}

/* Next night, and when all was read the next reading begins where this one began. */
static bool end_put(Step *step, Db *db, GError **error)
{
    const ShopApi *api = step->api;
    const char *vendor = hook_vendor_name(api->vendor);
    int64_t now = clock_now_ms(), ended, begin = step->run->started_at - RECONCILE_OVERLAP_MS;
    ReconcileEndParams end = {.shop_id = api->shop_id,
                              .vendor = vendor,
                              .state = step->state,
                              .reason = step->run->note,
                              .ended_at = now};
    ReconcileForgetParams forget = {.shop_id = api->shop_id,
                                    .vendor = vendor,
                                    .before = now - RECONCILE_KEPT_DAYS * CLOCK_DAY_MS};
    step->again_at = now;
    if (!sql_reconcile_end(db, &end, &ended, error)) return false;
    if (ended == 0) return true; /* the settings were changed meanwhile: begin again with them */
    if (!shop_api_night(db, api->shop_id, now, &step->again_at, error)) return false;
    ShopApiNextPutParams next = {
        .shop_id = api->shop_id, .vendor = vendor, .next_at = step->again_at};
    ShopApiReadPutParams read = {.shop_id = api->shop_id,
                                 .vendor = vendor,
                                 .read_from = MAX(begin, step->run->read_from),
                                 .began_at = step->run->started_at};
    bool done = strcmp(step->state, "done") == 0;
    return sql_shop_api_next_put(db, &next, NULL, error) &&
           (!done || sql_shop_api_read_put(db, &read, NULL, error)) &&
           sql_reconcile_forget(db, &forget, NULL, error);
}

static bool step_run(Db *db, void *data, GError **error)
{
    Step *step = data;
    step->again_at = clock_now_ms();
    return step_put(step, db, error) && (!step->state || end_put(step, db, error));
}

static bool step_take(Step *step, Job *job, int64_t wait_ms, GError **error)
{
    if (!writer_call(writer_of(step->api), WRITER_REST, step_run, step, error)) return false;
    job_again(job, step->again_at + wait_ms);
    return true;
}

static void note_add(ReconcileRun *run, const char *reason)
{
    char *note = g_strdup_printf("%s%s%s: %s", run->note ? run->note : "", run->note ? "; " : "",
                                 reconcile_stage_names[run->stage], reason);
    g_free(run->note);
    run->note = note;
}

static void place_set(ReconcileRun *run, const char *place)
{
    g_free(run->place);
    run->place = g_strdup(place);
}

/* To the next stage; says whether that was the last. */
static bool stage_over(ReconcileRun *run)
{
    place_set(run, NULL);
    if (run->stage + 1 == READ_STAGES) return true;
    run->stage++;
    return false;
}

/* ── what the shop said ──────────────────────────────────────────────────────────────────────── */

static bool page_take(const ShopApi *api, ReconcileRun *run, const ReconcilePage *page, Job *job,
                      GError **error)
{
    Step step = {.api = api, .run = run, .pages = 1};
    step.rows[run->stage] = (int64_t)json_array_size(page->items);
    if (!items_store(api, run, page, job, error)) return false;
    if (job_stopping(job)) {
        job_again(job, clock_now_ms());
        return true;
    }
    run->tries = 0;
    if (page->next)
        place_set(run, page->next);
    else if (stage_over(run))
        step.state = "done";
    return step_take(&step, job, page->wait_ms, error);
}

static bool run_fail(const ShopApi *api, ReconcileRun *run, const char *reason, Job *job,
                     GError **error)
{
    Step step = {.api = api, .run = run, .state = "failed"};
    g_free(run->note);
    run->note = g_strdup(reason);
    return step_take(&step, job, 0, error);
}

/* The shop does not answer now: again a little later, longer each time, at last not tonight. */
static bool run_wait(const ShopApi *api, ReconcileRun *run, const ShopWord *word, Job *job,
                     GError **error)
{
    int64_t pause = (int64_t)RECONCILE_PAUSE_MS << MIN(run->tries, 12);
    if (++run->tries > RECONCILE_TRIES_MAX) return run_fail(api, run, word->reason, job, error);
    Step step = {.api = api, .run = run};
    if (word->answer == SHOP_LOST) place_set(run, NULL);
    return step_take(&step, job,
                     word->wait_ms > 0 ? word->wait_ms : MIN(pause, RECONCILE_PAUSE_MS_MAX), error);
}

/* Orders are what it is for; a token that may not read customers or products still reads them. */
static bool stage_closed(const ShopApi *api, ReconcileRun *run, const ShopWord *word, Job *job,
                         GError **error)
{
    Step step = {.api = api, .run = run};
    if (run->stage == READ_ORDERS) return run_fail(api, run, word->reason, job, error);
    note_add(run, word->reason);
    if (stage_over(run)) step.state = "done";
    return step_take(&step, job, 0, error);
}

static bool word_take(const ShopApi *api, ReconcileRun *run, const ReconcilePage *page,
                      const ShopWord *word, Job *job, GError **error)
{
    if (word->answer != SHOP_GAVE && job_stopping(job)) {
        job_again(job, clock_now_ms());
        return true;
    }
    switch (word->answer) {
    case SHOP_GAVE:
        return page_take(api, run, page, job, error);
    case SHOP_LATER:
    case SHOP_LOST:
        return run_wait(api, run, word, job, error);
    case SHOP_CLOSED:
        return stage_closed(api, run, word, job, error);
    case SHOP_NEVER:
        return run_fail(api, run, word->reason, job, error);
    }
    g_assert_not_reached();
}

/* ── a run ───────────────────────────────────────────────────────────────────────────────────── */

typedef struct Begin {
    const ShopApi *api;
    ReconcileRun *run;
} Begin;

static bool begin_run(Db *db, void *data, GError **error)
{
    const Begin *begin = data;
    ReconcileRun *run = begin->run;
    *run = (ReconcileRun){.run_id = store_id_next(begin->api->hooks->parts.store),
                          .started_at = clock_now_ms(),
                          .read_from = begin->api->read_from};
    ReconcileAddParams add = {.run_id = run->run_id,
                              .shop_id = begin->api->shop_id,
                              .vendor = hook_vendor_name(begin->api->vendor),
                              .read_from = run->read_from,
                              .stage = reconcile_stage_names[READ_ORDERS],
                              .started_at = run->started_at};
    return sql_reconcile_add(db, &add, NULL, error);
}

static ReconcileStage stage_find(const char *name)
{
    for (int i = 0; i < READ_STAGES; i++)
        if (strcmp(reconcile_stage_names[i], name) == 0) return (ReconcileStage)i;
    return READ_ORDERS;
}

static bool open_read(const ShopApi *api, Db *db, ReconcileRun *ret_run, bool *ret_found,
                      GError **error)
{
    ReconcileOpenRow row;
    ReconcileOpenParams find = {.shop_id = api->shop_id, .vendor = hook_vendor_name(api->vendor)};
    if (!sql_reconcile_open(db, &find, &row, ret_found, error)) return false;
    if (!*ret_found) return true;
    *ret_run = (ReconcileRun){.run_id = row.run_id,
                              .started_at = row.started_at,
                              .read_from = row.read_from,
                              .tries = row.tries,
                              .pages = row.pages,
                              .stage = stage_find(row.stage),
                              .place = g_strdup(row.place),
                              .note = g_strdup(row.reason)};
    return true;
}

/* Settings and run as they stand; without settings there is nothing to do. */
static bool state_load(Hooks *hooks, Job *job, ShopApi *ret_api, ReconcileRun *ret_run,
                       GError **error)
{
    g_auto(GStrv) parts = g_strsplit(job_key(job), "-", 2);
    Store *store = hooks->parts.store;
    bool found = false, open = false;
    if (!parts[0] || !parts[1] || !hook_vendor_find(parts[1], &ret_api->vendor)) return true;
    if (!id_parse(slice_of(parts[0]), &ret_api->shop_id, error)) return false;
    ret_api->hooks = hooks;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool good = shop_api_load(ret_api, db, &found, error) &&
                (!found || open_read(ret_api, db, ret_run, &open, error));
    store_reader_end(store, db);
    if (!good || !found || open) return good;
    Begin begin = {ret_api, ret_run};
    return writer_call(store_writer(store), WRITER_REST, begin_run, &begin, error);
}

bool reconcile_run(Hooks *hooks, Job *job, GError **error)
{
    ShopApi api = {0};
    ReconcileRun run = {0};
    ReconcilePage page = {0};
    ShopWord word = {0};
    bool good = state_load(hooks, job, &api, &run, error);
    if (good && api.url)
        good = readers[api.vendor](&api, &run, job, &page, &word, error) &&
               word_take(&api, &run, &page, &word, job, error);
    json_decref(page.items);
    g_free(page.next);
    shop_word_clear(&word);
    run_clear(&run);
    shop_api_clear(&api);
    return good;
}
