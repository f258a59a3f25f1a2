#include "segments/feed_queue.h"

#include "base/limits.h"

enum { FEED_LONG = 8192 };

/* A table whose rows concern the columns: by which parameter it says whose they are. */
typedef struct FeedTable {
    const char *table;
    FeedOpKind kind;
    const char *stem, *other; /* names of parameters; `other` may be NULL or absent */
} FeedTable;

static const FeedTable tables[] = {
    {"event", FEED_EVENTS, "person_id", NULL},
    {"orders", FEED_ORDERS, "person_id", NULL},
    {"refund", FEED_ORDERS, "person_id", NULL},
    {"person_summary", FEED_PERSON, "person_id", NULL},
    {"person", FEED_PERSON, "person_id", NULL},
    {"person_link", FEED_PERSON, "stem", "person_id"},
    {"erasure", FEED_PURGE, "erasure_id", NULL},
    {"trait", FEED_TRAITS, "person_id", NULL},
    {"person_tag", FEED_TRAITS, "person_id", NULL},
};

/* What a statement means to the columns, found out once. */
typedef struct Meaning {
    bool concerns, event; /* `event`: it adds one, and says all of these */
    FeedOpKind kind;
    int stem, other; /* places of parameters; -1: none */
    int name_id, at, id, flags, payload;
} Meaning;

struct FeedQueue {
    FeedQueueOptions options;
    GHashTable *meanings; /* const DbStatement * -> Meaning *; the writer's */
    GArray *group;        /* of FeedOp: of the group that runs; the writer's */
    GArray *doubts;       /* of FeedOp: of groups whose end may not be known; the writer's */
    guint unit;           /* where in it the unit at hand begins */
    bool purge;           /* somebody was erased in it */
    GMutex lock;          /* of what follows */
    GArray *ops;
    bool over; /* there were too many */
};

static void op_clear(void *op) { g_free(((FeedOp *)op)->payload); }

GArray *feed_ops_new(void)
{
    GArray *ops = g_array_new(FALSE, FALSE, sizeof(FeedOp));
    g_array_set_clear_func(ops, op_clear);
    return ops;
}

/* ---- statements ---- */

static void meaning_find(const DbStatement *statement, Meaning *meaning)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        if (strcmp(tables[i].table, statement->writes) != 0) continue;
        meaning->concerns = true;
        meaning->stem = db_statement_place(statement, tables[i].stem);
        meaning->other = tables[i].other ? db_statement_place(statement, tables[i].other) : -1;
        meaning->kind = meaning->stem < 0 ? FEED_STALE : tables[i].kind;
    }
    if (!meaning->concerns || meaning->kind != FEED_EVENTS) return;
    meaning->name_id = db_statement_place(statement, "name_id");
    meaning->at = db_statement_place(statement, "occurred_at");
    meaning->id = db_statement_place(statement, "event_id");
    meaning->flags = db_statement_place(statement, "flags");
    meaning->payload = db_statement_place(statement, "payload");
    meaning->event = MIN(MIN(meaning->name_id, meaning->at), MIN(meaning->id, meaning->flags)) >= 0;
}

static const Meaning *meaning_of(FeedQueue *queue, const DbStatement *statement)
{
    Meaning *meaning = g_hash_table_lookup(queue->meanings, statement);
    if (meaning) return meaning;
    meaning = g_new0(Meaning, 1);
    meaning_find(statement, meaning);
    g_hash_table_insert(queue->meanings, (void *)statement, meaning);
    return meaning;
}

/* Many rows of one person come together: what is read again once need not be queued twice. */
static void op_add(FeedQueue *queue, FeedOpKind kind, int64_t stem)
{
    guint count = queue->group->len;
    const FeedOp *last =
        count > queue->unit ? &g_array_index(queue->group, FeedOp, count - 1) : NULL;
    if (last && last->kind == kind && last->stem == stem) return;
    FeedOp op = {.kind = kind, .stem = stem};
    queue->purge = queue->purge || kind == FEED_PURGE;
    g_array_append_val(queue->group, op);
}

static void written(void *data, const DbStatement *statement, const DbValue *values)
{
    FeedQueue *queue = data;
    const Meaning *meaning = meaning_of(queue, statement);
    if (!meaning->concerns) return;
    int64_t stem = meaning->stem >= 0 ? values[meaning->stem].i64 : 0;
    if (!meaning->event) {
        op_add(queue, meaning->kind, stem);
        if (meaning->other >= 0) op_add(queue, meaning->kind, values[meaning->other].i64);
        return;
    }
    const DbValue *payload = meaning->payload >= 0 ? &values[meaning->payload] : NULL;
    bool told = payload && payload->type == 't' && payload->bytes.data;
    FeedOp op = {.kind = FEED_EVENT,
                 .flags = (uint32_t)values[meaning->flags].i64,
                 .stem = stem,
                 .name_id = values[meaning->name_id].i64,
                 .at = values[meaning->at].i64,
                 .id = values[meaning->id].i64,
                 .payload = told ? g_strndup(payload->bytes.data, payload->bytes.size) : NULL};
    g_array_append_val(queue->group, op);
}

/* ---- groups ---- */

static void unit_began(void *data)
{
    FeedQueue *queue = data;
    queue->unit = queue->group->len;
}

/* From `first` on nothing was stored, or nobody knows: events are looked for, the rest is looked
 * at again. */
static void doubt(FeedQueue *queue, guint first)
{
    for (guint i = first; i < queue->group->len; i++) {
        FeedOp *op = &g_array_index(queue->group, FeedOp, i);
        if (op->kind != FEED_EVENT) continue;
        op->kind = FEED_EVENTS;
        g_clear_pointer(&op->payload, g_free);
    }
}

static void unit_undone(void *data)
{
    FeedQueue *queue = data;
    guint kept = queue->unit;
    for (guint i = queue->unit; i < queue->group->len; i++) {
        FeedOp *op = &g_array_index(queue->group, FeedOp, i);
        bool nothing = op->kind == FEED_EVENT;
        if (nothing) g_clear_pointer(&op->payload, g_free);
        if (!nothing) g_array_index(queue->group, FeedOp, kept++) = *op;
    }
    for (guint i = kept; i < queue->group->len; i++)
        g_array_index(queue->group, FeedOp, i).payload = NULL; /* moved */
    g_array_set_size(queue->group, kept);
}

static void group_tell(FeedQueue *queue)
{
    g_mutex_lock(&queue->lock);
    queue->over = queue->over || queue->ops->len + queue->group->len > queue->options.ops_max;
    if (queue->over) {
        g_array_set_size(queue->ops, 0);
        g_array_set_size(queue->group, 0);
    }
    g_array_append_vals(queue->ops, queue->group->data, queue->group->len);
    bool is_long = queue->ops->len >= FEED_LONG || queue->purge;
    queue->purge = false;
    g_mutex_unlock(&queue->lock);
    for (guint i = 0; i < queue->group->len; i++)
        g_array_index(queue->group, FeedOp, i).payload = NULL; /* moved */
    g_array_set_size(queue->group, 0);
    if (is_long) queue->options.is_long(queue->options.data);
}

static void group_stored(void *data)
{
    FeedQueue *queue = data;
    g_array_append_vals(queue->group, queue->doubts->data, queue->doubts->len);
    g_array_set_size(queue->doubts, 0);
    group_tell(queue);
}

/* A commit whose connection was lost may become visible yet, but not after a new connection has
 * stored a group: then what it touched is looked at once more. */
static void group_undone(void *data)
{
    FeedQueue *queue = data;
    FeedOp stale = {.kind = FEED_STALE};
    doubt(queue, 0);
    g_array_append_vals(queue->doubts, queue->group->data, queue->group->len);
    bool many = queue->doubts->len > queue->options.ops_max;
    if (many) g_array_set_size(queue->doubts, 0);
    if (many) g_array_append_val(queue->doubts, stale);
    group_tell(queue);
}

FeedQueue *feed_queue_new(const FeedQueueOptions *options, GError **error)
{
    FeedQueue *queue = g_new0(FeedQueue, 1);
    queue->options = *options;
    if (queue->options.ops_max == 0) queue->options.ops_max = LIMIT_FEED_OPS;
    queue->meanings = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    queue->group = feed_ops_new();
    queue->doubts = g_array_new(FALSE, FALSE, sizeof(FeedOp)); /* without payloads */
    queue->ops = feed_ops_new();
    g_mutex_init(&queue->lock);
    WriterWatch watch = {unit_began, unit_undone, group_stored, group_undone, queue, written};
    if (writer_watch(store_writer(options->store), &watch, error)) return queue;
    feed_queue_free(queue);
    return NULL;
}

void feed_queue_free(FeedQueue *queue)
{
    if (!queue) return;
    writer_unwatch(store_writer(queue->options.store), queue);
    g_hash_table_unref(queue->meanings);
    g_array_unref(queue->group);
    g_array_unref(queue->doubts);
    g_array_unref(queue->ops);
    g_mutex_clear(&queue->lock);
    g_free(queue);
}

GArray *feed_queue_take(FeedQueue *queue)
{
    g_mutex_lock(&queue->lock);
    GArray *ops = queue->ops;
    queue->ops = feed_ops_new();
    FeedOp stale = {.kind = FEED_STALE};
    if (queue->over) g_array_append_val(ops, stale);
    queue->over = false;
    g_mutex_unlock(&queue->lock);
    return ops;
}

bool feed_queue_is_empty(FeedQueue *queue)
{
    g_mutex_lock(&queue->lock);
    bool is_empty = queue->ops->len == 0 && !queue->over;
    g_mutex_unlock(&queue->lock);
    return is_empty;
}
