#include "columns/runs_set.h"

#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { RETRY_US = 1000 * 1000, HOT_HEAD_US = 60 * 1000 * 1000, GROWTH = 8 };

struct Runs {
    char *folder, *name;
    uint32_t head_entries;
    GMutex manifest_lock; /* one manifest is written at a time, newest last */
    GMutex lock;          /* of everything below */
    GCond wake, idle;
    RunsView *current;
    GThread *thread;
    uint64_t next_file, next_head;
    int64_t head_born_us;
    bool stopping, purging;
    uint64_t asked, done; /* requests to the thread; up to which nothing was left to do */
    GError *trouble;      /* last failure of the thread; cleared by success */
    uint32_t damaged;
    uint64_t seals, merges, failures;
};

/* Puts a new view in place of the current one. Lock held. */
static void view_publish(Runs *runs, RunsView *view)
{
    RunsView *old = runs->current;
    runs->current = view;
    runs_view_unref(old);
}

RunsView *runs_view(Runs *runs)
{
    g_mutex_lock(&runs->lock);
    RunsView *view = runs->current;
    g_atomic_int_inc(&view->refs);
    g_mutex_unlock(&runs->lock);
    return view;
}

static bool manifest_save(Runs *runs, GError **error)
{
    g_mutex_lock(&runs->manifest_lock);
    g_autoptr(RunsView) view = runs_view(runs);
    bool ok = runs_manifest_save(view, runs->folder, runs->name, error);
    g_mutex_unlock(&runs->manifest_lock);
    return ok;
}

/* The sealing thread. Each step takes a view, does its work without the lock, and publishes. */

typedef struct Filter {
    const RunsView *view;
} Filter;

static bool pair_is_gone(void *context, const RunPair *pair)
{
    const Filter *filter = context;
    return runs_view_buried(filter->view, pair->key, pair->value);
}

static RunFile *head_write(const RunsView *view, const RunHead *head, const RunWrite *write,
                           GError **error)
{
    size_t count = run_head_count(head);
    RunPair *pairs = g_try_new(RunPair, 2 * count);
    if (!pairs) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not get memory to sort %zu entries", count);
        return NULL;
    }
    run_head_copy(head, pairs);
    run_sort(pairs, pairs + count, count);
    Filter filter = {view};
    RunWrite filtered = *write;
    filtered.drop = pair_is_gone;
    filtered.context = &filter;
    RunFile *file = run_file_write(&filtered, pairs, count, error);
    g_free(pairs);
    return file;
}

static uint64_t file_number_take(Runs *runs)
{
    g_mutex_lock(&runs->lock);
    uint64_t number = runs->next_file++;
    g_mutex_unlock(&runs->lock);
    return number;
}

static void seal_publish(Runs *runs, RunFile *file, uint64_t through)
{
    g_mutex_lock(&runs->lock);
    RunsView *view = runs_view_copy(runs->current);
    run_head_unref(view->frozen[0]);
    view->frozen_count--;
    for (uint32_t i = 0; i < view->frozen_count; i++)
        view->frozen[i] = view->frozen[i + 1];
    if (file) view->files[view->file_count++] = run_file_ref(file);
    view->through = MAX(view->through, through);
    view_publish(runs, view);
    runs->seals++;
    g_mutex_unlock(&runs->lock);
}

static bool seal_step(Runs *runs, const RunsView *view, GError **error)
{
    const RunHead *head = view->frozen[0];
    g_autoptr(RunFile) file = NULL;
    if (run_head_count(head) > 0) {
        uint64_t number = file_number_take(runs);
        g_autofree char *path = runs_set_path(runs->folder, runs->name, number);
        RunWrite write = {.path = path, .number = number, .through = run_head_through(head)};
        file = head_write(view, head, &write, error);
        if (!file) return false;
    }
    seal_publish(runs, file, run_head_through(head));
    return manifest_save(runs, error);
}

/* Replaces `count` neighbouring files by one (NULL: by none) and deletes them. */
static bool files_replace(Runs *runs, RunFile *const *old, uint32_t count, RunFile *file,
                          GError **error)
{
    g_mutex_lock(&runs->lock);
    RunsView *view = runs_view_copy(runs->current);
    uint32_t first = 0;
    while (view->files[first] != old[0])
        first++;
    for (uint32_t i = 0; i < count; i++)
        run_file_unref(view->files[first + i]);
    uint32_t kept = file ? 1 : 0;
    if (file) view->files[first] = run_file_ref(file);
    for (uint32_t i = first + count; i < view->file_count; i++)
        view->files[i - count + kept] = view->files[i];
    view->file_count -= count - kept;
    view_publish(runs, view);
    runs->merges++;
    g_mutex_unlock(&runs->lock);
    if (!manifest_save(runs, error)) return false;
    for (uint32_t i = 0; i < count; i++)
        unlink(run_file_path(old[i]));
    return true;
}

static bool merge_step(Runs *runs, const RunsView *view, uint32_t first, uint32_t count,
                       GError **error)
{
    RunFile *const *files = view->files + first;
    uint64_t number = file_number_take(runs), through = 0;
    for (uint32_t i = 0; i < count; i++)
        through = MAX(through, run_file_header(files[i])->through);
    g_autofree char *path = runs_set_path(runs->folder, runs->name, number);
    Filter filter = {view};
    RunWrite write = {path, number, through, pair_is_gone, &filter};
    g_autoptr(RunFile) file = run_file_merge(&write, files, count, error);
    return file && files_replace(runs, files, count, file, error);
}

static int size_class(const RunFile *file)
{
    uint64_t blocks = run_file_header(file)->count >> 12;
    return blocks == 0 ? 0 : (64 - __builtin_clzll(blocks) + 1) / 2;
}

/* Finds neighbours worth merging: at least RUNS_MERGE_FILES in a row of one class or smaller,
 * smallest class first, so that each entry is rewritten a logarithmic number of times. */
static bool merge_find(const RunsView *view, uint32_t *ret_first, uint32_t *ret_count)
{
    for (int class = 0; class < 16; class ++) {
        uint32_t row = 0;
        for (uint32_t i = 0; i < view->file_count; i++) {
            row = size_class(view->files[i]) <= class ? row + 1 : 0;
            bool ends = i + 1 == view->file_count || size_class(view->files[i + 1]) > class;
            if (!ends || row < RUNS_MERGE_FILES) continue;
            *ret_first = i + 1 - row;
            *ret_count = row;
            return true;
        }
    }
    return false;
}

static bool file_holds_buried(const RunsView *view, const RunFile *file)
{
    for (guint i = 0; view->tombs && i < view->tombs->len; i++) {
        const RunTomb *tomb = &g_array_index(view->tombs, RunTomb, i);
        size_t count;
        const uint64_t *values = run_file_find(file, tomb->mixed, &count);
        if (values && values[0] <= tomb->value_max) return true;
    }
    return false;
}

static bool purge_find(const RunsView *view, uint32_t *ret_first)
{
    for (uint32_t i = 0; i < view->file_count; i++) {
        if (!file_holds_buried(view, view->files[i])) continue;
        *ret_first = i;
        return true;
    }
    return false;
}

/* No file holds a buried key any more: forgets the tombs that no unsealed head can still need. */
static bool purge_finish(Runs *runs, GError **error)
{
    g_mutex_lock(&runs->lock);
    runs->purging = false;
    RunsView *view = runs_view_copy(runs->current);
    uint64_t oldest = run_head_number(view->frozen_count > 0 ? view->frozen[0] : view->head);
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(RunTomb));
    for (guint i = 0; view->tombs && i < view->tombs->len; i++)
        if (g_array_index(view->tombs, RunTomb, i).head >= oldest)
            g_array_append_val(kept, g_array_index(view->tombs, RunTomb, i));
    g_clear_pointer(&view->tombs, g_array_unref);
    view->tombs = kept;
    view_publish(runs, view);
    g_mutex_unlock(&runs->lock);
    return manifest_save(runs, error);
}

static bool expired_find(const RunsView *view, uint32_t *ret_first)
{
    for (uint32_t i = 0; i < view->file_count; i++) {
        if (run_file_header(view->files[i])->value_max >= view->value_min) continue;
        *ret_first = i;
        return true;
    }
    return false;
}

/* Does one thing, if there is one to do. */
static bool thread_step(Runs *runs, bool stopping, bool *ret_worked, GError **error)
{
    g_autoptr(RunsView) view = runs_view(runs);
    uint32_t first, count;
    *ret_worked = true;
    bool crowded = view->file_count > VIEW_FILES_MAX - VIEW_FROZEN_MAX;
    if (view->frozen_count > 0 && !crowded) return seal_step(runs, view, error);
    if (!stopping && expired_find(view, &first))
        return files_replace(runs, view->files + first, 1, NULL, error);
    if (!stopping && runs->purging)
        return purge_find(view, &first) ? merge_step(runs, view, first, 1, error)
                                        : purge_finish(runs, error);
    if ((!stopping || crowded) && merge_find(view, &first, &count))
        return merge_step(runs, view, first, count, error);
    *ret_worked = false;
    return true;
}

/* After a step: notes trouble, wakes waiters, and waits for work or for the next try. False when
 * the thread is to end. */
static bool thread_rest(Runs *runs, uint64_t seen, bool worked, GError *trouble)
{
    g_mutex_lock(&runs->lock);
    g_clear_error(&runs->trouble);
    runs->trouble = trouble;
    runs->failures += trouble != NULL;
    if (!worked) runs->done = seen;
    g_cond_broadcast(&runs->idle);
    if (trouble && !runs->stopping)
        g_cond_wait_until(&runs->wake, &runs->lock, g_get_monotonic_time() + RETRY_US);
    while (!worked && !runs->stopping && runs->asked == runs->done)
        g_cond_wait(&runs->wake, &runs->lock);
    bool going = !runs->stopping || (worked && !trouble) || runs->asked != runs->done;
    if (trouble && runs->stopping) going = false;
    g_mutex_unlock(&runs->lock);
    return going;
}

static gpointer thread_run(gpointer data)
{
    Runs *runs = data;
    bool going = true;
    while (going) {
        GError *trouble = NULL;
        bool worked = false;
        g_mutex_lock(&runs->lock);
        uint64_t seen = runs->asked;
        bool stopping = runs->stopping;
        g_mutex_unlock(&runs->lock);
        if (!thread_step(runs, stopping, &worked, &trouble)) worked = true;
        going = thread_rest(runs, seen, worked, trouble) && !(stopping && !worked);
    }
    return NULL;
}

/* Tells the thread that there is something to do. Lock held. */
static void thread_ask(Runs *runs)
{
    runs->asked++;
    g_cond_signal(&runs->wake);
}

static RunHead *head_make(Runs *runs, uint32_t capacity)
{
    RunHead *head = run_head_new(MIN(capacity, runs->head_entries), runs->next_head++);
    g_assert(head != NULL); /* 32 MB of address space */
    runs->head_born_us = clock_monotonic_us();
    return head;
}

/* Starts over at numbers no file of the folder bears. */
static void numbers_init(Runs *runs)
{
    for (uint32_t i = 0; i < runs->current->file_count; i++)
        runs->next_file =
            MAX(runs->next_file, run_file_header(runs->current->files[i])->number + 1);
    GArray *tombs = runs->current->tombs;
    for (guint i = 0; tombs && i < tombs->len; i++)
        g_array_index(tombs, RunTomb, i).head = 0; /* the heads of that life are gone */
    runs->next_file = MAX(runs->next_file, 1);
    runs->next_head = 1;
}

Runs *runs_open(const RunsOptions *options, GError **error)
{
    if (g_mkdir_with_parents(options->folder, 0700) != 0) {
        fail(error, KITH_ERROR_UNAVAILABLE, "could not make the folder %s: %s", options->folder,
             g_strerror(errno));
        return NULL;
    }
    g_autoptr(RunsView) view = g_new0(RunsView, 1);
    view->refs = 1;
    uint32_t damaged = 0;
    if (!runs_manifest_load(view, options->folder, options->name, &damaged, error)) return NULL;
    Runs *runs = g_new0(Runs, 1);
    runs->folder = g_strdup(options->folder);
    runs->name = g_strdup(options->name);
    runs->head_entries = options->head_entries ? options->head_entries : RUNS_HEAD_ENTRIES;
    runs->damaged = damaged;
    runs->current = g_steal_pointer(&view);
    g_mutex_init(&runs->manifest_lock);
    g_mutex_init(&runs->lock);
    g_cond_init(&runs->wake);
    g_cond_init(&runs->idle);
    numbers_init(runs);
    runs->current->head = head_make(runs, RUNS_HEAD_FIRST);
    runs->asked = 1;
    runs->thread = g_thread_new("runs", thread_run, runs);
    return runs;
}

/* Swaps the live head: `old` joins the frozen ones when `freeze`, else it was copied. */
static void head_swap(Runs *runs, RunHead *head, bool freeze)
{
    g_mutex_lock(&runs->lock);
    while (freeze && runs->current->frozen_count == VIEW_FROZEN_MAX)
        g_cond_wait(&runs->idle, &runs->lock);
    RunsView *view = runs_view_copy(runs->current);
    if (freeze)
        view->frozen[view->frozen_count++] = view->head;
    else
        run_head_unref(view->head);
    view->head = head;
    view_publish(runs, view);
    thread_ask(runs);
    g_mutex_unlock(&runs->lock);
}

/* The writer alone replaces `current->head`, so it may read that pointer without the lock; but
 * the view around it can be replaced by the thread, hence the short lock. */
static RunHead *head_get(Runs *runs)
{
    g_mutex_lock(&runs->lock);
    RunHead *head = runs->current->head;
    g_mutex_unlock(&runs->lock);
    return head;
}

/* A head that filled within a minute is followed by a full-sized one; in a quiet shop it starts
 * small again, so that an idle process stays small. */
static void head_rotate(Runs *runs)
{
    bool hot = clock_monotonic_us() - runs->head_born_us < HOT_HEAD_US;
    bool full = run_head_count(head_get(runs)) == runs->head_entries;
    head_swap(runs, head_make(runs, hot && full ? runs->head_entries : RUNS_HEAD_FIRST), true);
}

static void head_grow(Runs *runs)
{
    const RunHead *old = head_get(runs);
    uint32_t count = run_head_count(old);
    int64_t born_us = runs->head_born_us;
    RunHead *head = head_make(runs, count > RUN_HEAD_ENTRIES_MAX / GROWTH ? RUN_HEAD_ENTRIES_MAX
                                                                          : count * GROWTH);
    runs->head_born_us = born_us;
    g_autofree RunPair *pairs = g_new(RunPair, count);
    run_head_copy(old, pairs);
    for (uint32_t i = 0; i < count; i++)
        run_head_add(head, pairs[i].key, pairs[i].value);
    run_head_cover(head, run_head_through(old));
    head_swap(runs, head, false);
}

void runs_add(Runs *runs, uint64_t key, uint64_t value)
{
    RunHead *head = head_get(runs);
    while (!run_head_add(head, run_mix(key), value)) {
        if (run_head_capacity(head) < runs->head_entries)
            head_grow(runs);
        else
            head_rotate(runs);
        head = head_get(runs);
    }
}

void runs_cover(Runs *runs, uint64_t through) { run_head_cover(head_get(runs), through); }

void runs_seal(Runs *runs)
{
    RunHead *head = head_get(runs);
    if (run_head_count(head) > 0 || run_head_through(head) > runs_through(runs)) head_rotate(runs);
}

uint64_t runs_through(const Runs *runs)
{
    Runs *mutable = (Runs *)runs;
    g_mutex_lock(&mutable->lock);
    uint64_t through = runs->current->through;
    g_mutex_unlock(&mutable->lock);
    return through;
}

bool runs_flush(Runs *runs, GError **error)
{
    runs_seal(runs);
    g_mutex_lock(&runs->lock);
    uint64_t failures = runs->failures;
    thread_ask(runs);
    uint64_t target = runs->asked;
    while (runs->done < target && runs->failures == failures)
        g_cond_wait(&runs->idle, &runs->lock);
    bool ok = runs->failures == failures;
    if (!ok && runs->trouble) g_propagate_error(error, g_error_copy(runs->trouble));
    g_mutex_unlock(&runs->lock);
    return ok;
}

static guint tomb_place(const GArray *tombs, uint64_t mixed)
{
    guint at = 0;
    while (at < tombs->len && g_array_index(tombs, RunTomb, at).mixed < mixed)
        at++;
    return at;
}

static GArray *tombs_with(const GArray *old, const RunTomb *tomb)
{
    GArray *tombs = g_array_new(FALSE, FALSE, sizeof(RunTomb));
    if (old && old->len) g_array_append_vals(tombs, old->data, old->len);
    guint at = tomb_place(tombs, tomb->mixed);
    if (at < tombs->len && g_array_index(tombs, RunTomb, at).mixed == tomb->mixed)
        g_array_index(tombs, RunTomb, at) = *tomb;
    else
        g_array_insert_val(tombs, at, *tomb);
    return tombs;
}

bool runs_remove(Runs *runs, uint64_t key, GError **error)
{
    g_mutex_lock(&runs->lock);
    RunsView *view = runs_view_copy(runs->current);
    RunTomb tomb = {run_mix(key), MAX(view->through, run_head_through(view->head)),
                    run_head_number(view->head)};
    for (uint32_t i = 0; i < view->frozen_count; i++)
        tomb.value_max = MAX(tomb.value_max, run_head_through(view->frozen[i]));
    GArray *tombs = tombs_with(view->tombs, &tomb);
    g_clear_pointer(&view->tombs, g_array_unref);
    view->tombs = tombs;
    bool crowded = tombs->len > TOMBS_MAX / 2;
    view_publish(runs, view);
    g_mutex_unlock(&runs->lock);
    if (crowded) runs_purge(runs);
    return manifest_save(runs, error);
}

void runs_purge(Runs *runs)
{
    runs_seal(runs);
    g_mutex_lock(&runs->lock);
    runs->purging = true;
    thread_ask(runs);
    g_mutex_unlock(&runs->lock);
}

/* Views hide what is below the bound at once; the thread deletes the files. */
void runs_expire(Runs *runs, uint64_t value_min)
{
    g_mutex_lock(&runs->lock);
    RunsView *view = runs_view_copy(runs->current);
    view->value_min = MAX(view->value_min, value_min);
    view_publish(runs, view);
    thread_ask(runs);
    g_mutex_unlock(&runs->lock);
}

void runs_stats(Runs *runs, RunsStats *ret_stats)
{
    g_autoptr(RunsView) view = runs_view(runs);
    RunsStats stats = {.files = view->file_count, .heads = view->frozen_count + 1};
    for (uint32_t i = 0; i < view->file_count; i++) {
        const RunFileHeader *header = run_file_header(view->files[i]);
        stats.entries += header->count;
        stats.file_bytes += RUN_FILE_START + header->capacity * sizeof(RunPair);
    }
    for (uint32_t i = 0; i <= view->frozen_count; i++) {
        const RunHead *head = i < view->frozen_count ? view->frozen[i] : view->head;
        stats.entries += run_head_count(head);
        stats.head_bytes += run_head_count(head) * UINT64_C(32);
    }
    g_mutex_lock(&runs->lock);
    stats.damaged = runs->damaged;
    stats.seals = runs->seals;
    stats.merges = runs->merges;
    stats.failures = runs->failures;
    g_mutex_unlock(&runs->lock);
    *ret_stats = stats;
}

void runs_free(Runs *runs)
{
    if (!runs) return;
    runs_seal(runs);
    g_mutex_lock(&runs->lock);
    runs->stopping = true;
    thread_ask(runs);
    g_mutex_unlock(&runs->lock);
    g_thread_join(runs->thread);
    runs_view_unref(runs->current);
    g_clear_error(&runs->trouble);
    g_mutex_clear(&runs->manifest_lock);
    g_mutex_clear(&runs->lock);
    g_cond_clear(&runs->wake);
    g_cond_clear(&runs->idle);
    g_free(runs->folder);
    g_free(runs->name);
    g_free(runs);
}

/* Look-ups. */

typedef struct Finding {
    const RunsView *view;
    uint64_t mixed;
    GArray *values;
} Finding;

static bool finding_add(void *context, uint64_t value)
{
    Finding *finding = context;
    if (!runs_view_buried(finding->view, finding->mixed, value))
        g_array_append_val(finding->values, value);
    return true;
}

static int value_compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static void values_unique(GArray *values, guint first)
{
    uint64_t *data = (uint64_t *)(void *)values->data;
    guint kept = first;
    if (values->len == first) return;
    qsort(data + first, values->len - first, sizeof *data, value_compare);
    for (guint i = first; i < values->len; i++)
        if (kept == first || data[kept - 1] != data[i]) data[kept++] = data[i];
    g_array_set_size(values, kept);
}

size_t runs_find(const RunsView *view, uint64_t key, GArray *values)
{
    guint first = values->len;
    Finding finding = {view, run_mix(key), values};
    for (uint32_t i = 0; i < view->file_count; i++) {
        size_t count;
        const uint64_t *found = run_file_find(view->files[i], finding.mixed, &count);
        for (size_t k = 0; k < count; k++)
            finding_add(&finding, found[k]);
    }
    for (uint32_t i = 0; i < view->frozen_count; i++)
        run_head_find(view->frozen[i], finding.mixed, finding_add, &finding);
    run_head_find(view->head, finding.mixed, finding_add, &finding);
    values_unique(values, first);
    return values->len - first;
}

typedef struct Holding {
    uint64_t value;
    bool found;
} Holding;

static bool holding_look(void *context, uint64_t value)
{
    Holding *holding = context;
    holding->found = holding->found || value == holding->value;
    return !holding->found;
}

bool runs_holds(const RunsView *view, uint64_t key, uint64_t value)
{
    uint64_t mixed = run_mix(key);
    Holding holding = {.value = value};
    if (runs_view_buried(view, mixed, value)) return false;
    for (uint32_t i = 0; i < view->file_count && !holding.found; i++) {
        size_t count;
        const uint64_t *values = run_file_find(view->files[i], mixed, &count);
        holding.found =
            values && bsearch(&value, values, count, sizeof value, value_compare) != NULL;
    }
    for (uint32_t i = 0; i < view->frozen_count && !holding.found; i++)
        run_head_find(view->frozen[i], mixed, holding_look, &holding);
    if (!holding.found) run_head_find(view->head, mixed, holding_look, &holding);
    return holding.found;
}

void runs_hits(const RunsView *view, const uint64_t *keys, size_t count, bool *ret_hits)
{
    g_assert(count <= RUNS_BATCH_MAX);
    uint64_t mixed[RUNS_BATCH_MAX];
    for (size_t i = 0; i < count; i++) {
        mixed[i] = run_mix(keys[i]);
        ret_hits[i] = false;
    }
    run_head_hits(view->head, mixed, count, ret_hits);
    for (uint32_t i = 0; i < view->frozen_count; i++)
        run_head_hits(view->frozen[i], mixed, count, ret_hits);
    for (uint32_t i = 0; i < view->file_count; i++)
        run_file_hits(view->files[i], mixed, count, ret_hits);
}
