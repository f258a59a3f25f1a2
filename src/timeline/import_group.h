/* timeline/import_group.h: rows become items: an order with all its lines, a customer, an event.
 *
 * Lines of one order need not stand together. Up to GROUP_ORDERS_MAX orders (and GROUP_BYTES_MAX of
 * text) stay open; beyond, the one that got no line for longest is closed. A line that comes later
 * still makes an item of its own, which orders_import adds to what this import said before: so the
 * memory is bounded and the result is not. The place to resume from is the first line of the
 * oldest open order: everything before it is in items already given out.
 *
 * Owned by the import's thread, but for import_item_release, which any thread may call.
 */
#pragma once
#include "base/arena.h"
#include "timeline/import_row.h"
#include "timeline/orders.h"

enum {
    GROUP_ORDERS_MAX = 4096,
    GROUP_BYTES_MAX = 32 * 1024 * 1024,
    GROUP_ITEM_BYTES_MAX = 4 * 1024 * 1024, /* text of one order */
};

typedef struct ImportItem ImportItem;
typedef struct ImportGroup ImportGroup;

/* What one import item holds; texts live in its arena. */
struct ImportItem {
    ImportRow row;        /* the first row; later rows fill what it did not say */
    GArray *lines;        /* of OrderLine: what was bought */
    GArray *refund_lines; /* of OrderLine: negative quantities, values as in the file */
    Arena *arena;
    int64_t row_count;
    /* of the group */
    ImportItem *older, *newer; /* by last line */
    GList link_by_place;       /* in the queue by first line */
    ImportItem *next_free;
};

ImportGroup *import_group_new(void);
void import_group_free(ImportGroup *group);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ImportGroup, import_group_free)

/* Takes a row of an order. `ret_done`: an order that had to be closed for it, or NULL; it is the
 * caller's until released. Errors: LIMIT (one order is too large), INVALID (no date in any row). */
bool import_group_add(ImportGroup *group, const ImportRow *row, ImportItem **ret_done,
                      GError **error);

/* Closes the oldest open order; NULL when there is none. For the end of the file. */
ImportItem *import_group_take(ImportGroup *group);

/* A row that is an item by itself (customers, products, events, rates). */
ImportItem *import_group_single(ImportGroup *group, const ImportRow *row, GError **error);

/* First line and offset of what is still open; false when nothing is. */
bool import_group_oldest(const ImportGroup *group, int64_t *ret_offset, int64_t *ret_line);

/* Gives an item back for use again. Any thread. */
void import_item_release(ImportGroup *group, ImportItem *item);
