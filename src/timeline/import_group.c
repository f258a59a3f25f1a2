#include "timeline/import_group.h"

#include <sodium.h>

#include "base/error.h"
#include "base/keyhash.h"
#include "timeline/import_cell.h"

enum { ITEM_ARENA_KEPT_MAX = 64 * 1024, POOL_MAX = 8192 };

struct ImportGroup {
    uint8_t key[KEYHASH_KEY_SIZE];
    KeyMap *open;                /* hash of the order key -> ImportItem* */
    ImportItem *oldest, *newest; /* by last line */
    GQueue by_place;             /* of ImportItem, by first line */
    size_t count, bytes;
    GMutex lock; /* of the pool */
    ImportItem *free;
    size_t free_count;
};

ImportGroup *import_group_new(void)
{
    ImportGroup *group = g_new0(ImportGroup, 1);
    randombytes_buf(group->key, sizeof(group->key));
    group->open = keymap_new(GROUP_ORDERS_MAX);
    g_queue_init(&group->by_place);
    g_mutex_init(&group->lock);
    return group;
}

static void item_free(ImportItem *item)
{
    arena_free(item->arena);
    g_array_unref(item->lines);
    g_array_unref(item->refund_lines);
    g_free(item);
}

void import_group_free(ImportGroup *group)
{
    if (!group) return;
    for (ImportItem *item; (item = import_group_take(group));)
        item_free(item);
    while (group->free) {
        ImportItem *item = group->free;
        group->free = item->next_free;
        item_free(item);
    }
    keymap_free(group->open);
    g_mutex_clear(&group->lock);
    g_free(group);
}

static ImportItem *item_get(ImportGroup *group)
{
    g_mutex_lock(&group->lock);
    ImportItem *item = group->free;
    if (item) {
        group->free = item->next_free;
        group->free_count--;
    }
    g_mutex_unlock(&group->lock);
    if (item) return item;
    item = g_new0(ImportItem, 1);
    item->arena = arena_new(GROUP_ITEM_BYTES_MAX);
    item->lines = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    item->refund_lines = g_array_new(FALSE, FALSE, sizeof(OrderLine));
    return item;
}

void import_item_release(ImportGroup *group, ImportItem *item)
{
    bool keep = arena_used(item->arena) <= ITEM_ARENA_KEPT_MAX;
    arena_reset(item->arena);
    g_array_set_size(item->lines, 0);
    g_array_set_size(item->refund_lines, 0);
    item->row_count = 0;
    g_mutex_lock(&group->lock);
    keep = keep && group->free_count < POOL_MAX;
    if (keep) {
        item->next_free = group->free;
        group->free = item;
        group->free_count++;
    }
    g_mutex_unlock(&group->lock);
    if (!keep) item_free(item);
}

static bool text_keep(ImportItem *item, Slice *text)
{
    if (!text->size) return true;
    char *copy = arena_copy(item->arena, text->data, text->size);
    *text = (Slice){copy, copy ? text->size : 0};
    return copy != NULL;
}

static bool too_large(const ImportRow *row, GError **error)
{
    return fail(error, KITH_ERROR_LIMIT, "line %" G_GINT64_FORMAT ": the order is too large",
                row->line);
}

/* Copies the row and its texts into the item. */
static bool item_begin(ImportItem *item, const ImportRow *row)
{
    item->row = *row;
    item->row.lines = NULL; /* they are the reader's until its next row */
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++)
        if (!text_keep(item, &item->row.text[i])) return false;
    return true;
}

static void fill_int(DbInt *field, DbInt said)
{
    if (!field->set) *field = said;
}

/* What the first row left empty (exports give the order's own fields on one of its rows only). */
static bool item_fill(ImportItem *item, const ImportRow *row)
{
    ImportRow *kept = &item->row;
    for (int i = 0; i < IMPORT_FIELDS_MAX; i++) {
        if (kept->text[i].size || !row->text[i].size) continue;
        kept->text[i] = row->text[i];
        if (!text_keep(item, &kept->text[i])) return false;
    }
    fill_int(&kept->at, row->at);
    fill_int(&kept->total, row->total);
    fill_int(&kept->tax, row->tax);
    fill_int(&kept->shipping, row->shipping);
    fill_int(&kept->discount, row->discount);
    fill_int(&kept->refunded, row->refunded);
    fill_int(&kept->cancelled_at, row->cancelled_at);
    kept->status = MAX(kept->status, row->status);
    return true;
}

/* A text out of a cell of several values: its own copy, without the backslashes. */
static bool cell_text_keep(ImportItem *item, Slice *text)
{
    if (!text->size) return true;
    char *copy = arena_copy(item->arena, text->data, text->size);
    if (!copy) return false;
    *text = (Slice){copy, cell_unescape(copy, text->size)};
    return true;
}

static bool cell_lines_add(ImportItem *item, const ImportRow *row)
{
    for (guint i = 0; row->lines && i < row->lines->len; i++) {
        OrderLine line = g_array_index(row->lines, OrderLine, i);
        if (!cell_text_keep(item, &line.product_key) || !cell_text_keep(item, &line.name))
            return false;
        GArray *lines = line.quantity < 0 ? item->refund_lines : item->lines;
        if (lines->len >= ORDER_LINES_MAX) return false;
        g_array_append_val(lines, line);
    }
    return true;
}

static bool line_add(ImportItem *item, const ImportRow *row)
{
    item->row_count++;
    if (!cell_lines_add(item, row)) return false;
    if (!row->has_line) return true;
    OrderLine line = {.line_no = row->line,
                      .product_key = row->text[COLUMN_PRODUCT],
                      .name = row->text[COLUMN_ITEM],
                      .category = row->text[COLUMN_CATEGORY],
                      .quantity = row->quantity,
                      .price = row->price,
                      .value = row->value};
    if (!text_keep(item, &line.product_key) || !text_keep(item, &line.name) ||
        !text_keep(item, &line.category))
        return false;
    bool refund = row->is_refund_key || row->quantity < 0;
    GArray *lines = refund ? item->refund_lines : item->lines;
    if (lines->len >= ORDER_LINES_MAX) return false;
    g_array_append_val(lines, line);
    return true;
}

/* ---- the open orders ---------------------------------------------------------------------- */

static void age_unlink(ImportGroup *group, ImportItem *item)
{
    *(item->older ? &item->older->newer : &group->oldest) = item->newer;
    *(item->newer ? &item->newer->older : &group->newest) = item->older;
}

static void age_append(ImportGroup *group, ImportItem *item)
{
    item->older = group->newest;
    item->newer = NULL;
    *(group->newest ? &group->newest->newer : &group->oldest) = item;
    group->newest = item;
}

static Hash128 key_hash(const ImportGroup *group, Slice key)
{
    return keyhash128(group->key, key.data, key.size);
}

static ImportItem *open_close(ImportGroup *group, ImportItem *item)
{
    keymap_remove(group->open, key_hash(group, item->row.text[COLUMN_ORDER]));
    age_unlink(group, item);
    g_queue_unlink(&group->by_place, &item->link_by_place);
    group->count--;
    group->bytes -= arena_used(item->arena);
    return item;
}

ImportItem *import_group_take(ImportGroup *group)
{
    return group->oldest ? open_close(group, group->oldest) : NULL;
}

bool import_group_oldest(const ImportGroup *group, int64_t *ret_offset, int64_t *ret_line)
{
    if (!group->by_place.head) return false;
    const ImportItem *item = group->by_place.head->data;
    *ret_offset = item->row.offset;
    *ret_line = item->row.line;
    return true;
}

static ImportItem *open_find(ImportGroup *group, Slice key)
{
    if (group->newest && slice_equal(group->newest->row.text[COLUMN_ORDER], key))
        return group->newest;
    int64_t value;
    if (!keymap_find(group->open, key_hash(group, key), &value)) return NULL;
    return (ImportItem *)(intptr_t)value;
}

static ImportItem *open_new(ImportGroup *group, const ImportRow *row, GError **error)
{
    if (!row->at.set) {
        fail(error, KITH_ERROR_INVALID, "there is no date");
        return NULL;
    }
    ImportItem *item = item_get(group);
    Hash128 hash = key_hash(group, row->text[COLUMN_ORDER]);
    if (!item_begin(item, row) || !keymap_put(group->open, hash, (int64_t)(intptr_t)item)) {
        import_item_release(group, item);
        too_large(row, error);
        return NULL;
    }
    item->link_by_place = (GList){.data = item};
    g_queue_push_tail_link(&group->by_place, &item->link_by_place);
    age_append(group, item);
    group->count++;
    group->bytes += arena_used(item->arena);
    return item;
}

bool import_group_add(ImportGroup *group, const ImportRow *row, ImportItem **ret_done,
                      GError **error)
{
    *ret_done = NULL;
    ImportItem *item = open_find(group, row->text[COLUMN_ORDER]);
    if (!item) {
        item = open_new(group, row, error);
        if (!item) return false;
    } else if (item != group->newest) {
        age_unlink(group, item);
        age_append(group, item);
    }
    size_t before = arena_used(item->arena);
    bool good = (item->row_count == 0 || item_fill(item, row)) && line_add(item, row);
    group->bytes += arena_used(item->arena) - before;
    if (!good) return too_large(row, error);
    if (group->count > GROUP_ORDERS_MAX || group->bytes > GROUP_BYTES_MAX)
        *ret_done = open_close(group, group->oldest);
    return true;
}

ImportItem *import_group_single(ImportGroup *group, const ImportRow *row, GError **error)
{
    ImportItem *item = item_get(group);
    if (item_begin(item, row)) return item;
    import_item_release(group, item);
    too_large(row, error);
    return NULL;
}
