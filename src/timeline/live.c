#include "timeline/live.h"

#include <stdatomic.h>

#include "timeline/payload.h"

static const char *const status_names[LIVE_STATUSES] = {
    [LIVE_ACCEPTED] = "accepted", [LIVE_DUPLICATE] = "duplicate", [LIVE_REFUSED] = "refused"};

enum { TEXT_MAX = 120, REASON_MAX = 200 };

typedef struct Item {
    int64_t at, stem;
    LiveStatus status;
    char type[16], name[TEXT_MAX], who[TEXT_MAX], source[64], key[64], reason[REASON_MAX];
    char *payload; /* owned; NULL */
} Item;

typedef struct Listener {
    unsigned number;
    LiveListener call;
    void *data;
} Listener;

struct Live {
    GMutex lock; /* of items, newest */
    Item items[LIVE_ITEMS];
    uint64_t newest;
    GMutex listeners_lock;
    GArray *listeners;
    unsigned next_listener;
    _Atomic int64_t counts[LIVE_STATUSES];
};

Live *live_new(void)
{
    Live *live = g_new0(Live, 1);
    g_mutex_init(&live->lock);
    g_mutex_init(&live->listeners_lock);
    live->listeners = g_array_new(FALSE, FALSE, sizeof(Listener));
    return live;
}

void live_free(Live *live)
{
    if (!live) return;
    for (size_t i = 0; i < LIVE_ITEMS; i++)
        g_free(live->items[i].payload);
    g_array_unref(live->listeners);
    g_mutex_clear(&live->lock);
    g_mutex_clear(&live->listeners_lock);
    g_free(live);
}

/* Copies a text, cut at a character. */
static void text_set(char *to, size_t size, Slice text)
{
    size_t length = MIN(text.size, size - 1);
    while (length > 0 && length < text.size && ((unsigned char)text.data[length] & 0xc0) == 0x80)
        length--;
    if (length) memcpy(to, text.data, length);
    to[length] = '\0';
}

static void item_set(Item *to, const LiveItem *item)
{
    g_free(to->payload);
    to->at = item->at;
    to->stem = item->stem;
    to->status = item->status;
    text_set(to->type, sizeof to->type, item->type);
    text_set(to->name, sizeof to->name, item->name);
    text_set(to->who, sizeof to->who, item->who);
    text_set(to->source, sizeof to->source, slice_of(item->source));
    text_set(to->key, sizeof to->key, slice_of(item->key));
    text_set(to->reason, sizeof to->reason, slice_of(item->reason));
    bool fits = item->payload && strlen(item->payload) <= LIVE_PAYLOAD_BYTES_MAX;
    to->payload = fits ? g_strdup(item->payload) : NULL;
}

static void listeners_call(Live *live)
{
    g_mutex_lock(&live->listeners_lock);
    for (guint i = 0; i < live->listeners->len; i++) {
        const Listener *listener = &g_array_index(live->listeners, Listener, i);
        listener->call(listener->data);
    }
    g_mutex_unlock(&live->listeners_lock);
}

void live_add(Live *live, const LiveItem *items, size_t count)
{
    if (count == 0) return;
    g_mutex_lock(&live->lock);
    for (size_t i = 0; i < count; i++)
        item_set(&live->items[live->newest++ % LIVE_ITEMS], &items[i]);
    g_mutex_unlock(&live->lock);
    listeners_call(live);
}

void live_forget(Live *live, int64_t stem)
{
    g_mutex_lock(&live->lock);
    for (size_t i = 0; i < LIVE_ITEMS; i++) {
        Item *item = &live->items[i];
        if (item->stem != stem) continue;
        g_free(item->payload);
        *item = (Item){.at = item->at, .status = item->status};
    }
    g_mutex_unlock(&live->lock);
}

uint64_t live_newest(Live *live)
{
    g_mutex_lock(&live->lock);
    uint64_t newest = live->newest;
    g_mutex_unlock(&live->lock);
    return newest;
}

static json_t *text_or_null(const char *text) { return *text ? json_string(text) : json_null(); }

static json_t *properties_json(const Item *item)
{
    json_t *plain = item->payload ? payload_decode(item->payload) : NULL;
    json_t *part = plain ? json_object_get(plain, "properties") : NULL;
    if (plain && !part) part = json_object_get(plain, "traits");
    json_t *properties = part ? json_incref(part) : json_object();
    json_decref(plain);
    return properties;
}

static json_t *item_json(const Item *item, uint64_t number, int64_t person_id)
{
    g_autofree char *person =
        person_id ? g_strdup_printf("%" G_GINT64_FORMAT, person_id) : g_strdup("");
    return json_pack("{s:I, s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o}", "number",
                     (json_int_t)number, "at", (json_int_t)item->at, "status",
                     status_names[item->status], "type", text_or_null(item->type), "name",
                     text_or_null(item->name), "person", text_or_null(person), "who",
                     text_or_null(item->who), "source", text_or_null(item->source), "key",
                     text_or_null(item->key), "visitor", item->stem < 0 && person_id == 0, "reason",
                     text_or_null(item->reason), "properties", properties_json(item));
}

json_t *live_list(Live *live, uint64_t after, unsigned limit,
                  int64_t (*person_of)(void *context, int64_t stem), void *context)
{
    json_t *list = json_array();
    g_mutex_lock(&live->lock);
    uint64_t oldest = live->newest > LIVE_ITEMS ? live->newest - LIVE_ITEMS : 0;
    for (uint64_t number = live->newest; number > MAX(oldest, after); number--) {
        if (json_array_size(list) >= limit) break;
        const Item *item = &live->items[(number - 1) % LIVE_ITEMS];
        if (!*item->type && !*item->name) continue; /* forgotten */
        int64_t person_id = item->stem && person_of ? person_of(context, item->stem) : 0;
        json_array_append_new(list, item_json(item, number, person_id));
    }
    g_mutex_unlock(&live->lock);
    return list;
}

unsigned live_listen(Live *live, LiveListener listener, void *data)
{
    g_mutex_lock(&live->listeners_lock);
    Listener entry = {++live->next_listener, listener, data};
    g_array_append_val(live->listeners, entry);
    g_mutex_unlock(&live->listeners_lock);
    return entry.number;
}

void live_unlisten(Live *live, unsigned number)
{
    g_mutex_lock(&live->listeners_lock);
    for (guint i = 0; i < live->listeners->len; i++) {
        if (g_array_index(live->listeners, Listener, i).number != number) continue;
        g_array_remove_index(live->listeners, i);
        break;
    }
    g_mutex_unlock(&live->listeners_lock);
}

void live_count(Live *live, LiveStatus status, int64_t count)
{
    atomic_fetch_add_explicit(&live->counts[status], count, memory_order_relaxed);
}

void live_counts(Live *live, int64_t ret_counts[LIVE_STATUSES])
{
    for (int i = 0; i < LIVE_STATUSES; i++)
        ret_counts[i] = atomic_load_explicit(&live->counts[i], memory_order_relaxed);
}
