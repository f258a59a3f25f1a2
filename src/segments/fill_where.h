/* segments/fill_where.h: a `where` and a value over the cells of event columns.
 *
 * Private to segments/; one thread.
 */
#pragma once
#include "columns/event_pass.h"
#include "segments/evaluate.h"
#include "segments/feed.h"

/* Where an occurrence's cells stand: in the base, by rows or by time, or in a part of the delta. */
typedef struct Place {
    const EventColumn *columns; /* of a layout of the base; NULL: */
    const EventPart *part;
    size_t i;
} Place;

static inline int64_t place_cell(const Place *place, unsigned property)
{
    return place->columns ? event_cell(&place->columns[property], place->i)
                          : place->part->cells[property][place->i];
}

/* A `where` made ready for one name of a view. */
typedef struct FillWhere FillWhere;

/* NULL when it cannot be answered from the cells; of `where` NULL, use no FillWhere. */
FillWhere *fill_where_new(const EventName *name, const RuleNode *where, const Moment *moment);
void fill_where_free(FillWhere *where);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FillWhere, fill_where_free)
bool fill_where_holds(const FillWhere *where, const Place *place);

/* Tells where each date begins that a `lies` of the `where` looks at, and the window that it is
 * compared with: when these cross, the `where` may hold or not. */
typedef void (*FillDate)(void *data, const RuleWindow *window, int64_t date);
void fill_where_dates(const FillWhere *where, const Place *place, FillDate visit, void *data);

/* The value of a tap: a number, or a fingerprint. */
typedef struct FillValue FillValue;
FillValue *fill_value_new(const EventName *name, const Tap *tap);
void fill_value_free(FillValue *value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FillValue, fill_value_free)
/* False: the occurrence has none. */
bool fill_value_read(const FillValue *value, const Place *place, int64_t *ret_value);

/* Whether a property can be looked at: it is held, and nothing of it is a hash. */
bool fill_property(const EventName *name, const char *path, unsigned *ret_property);

/* The same `where` as tables, for all occurrences at once. What it points to is added to `owned`
 * (frees with g_free). */
void fill_where_pass(const FillWhere *where, const EventName *name, GPtrArray *owned,
                     EventPass *ret_pass);
/* False: numbers are not worth themselves. */
bool fill_value_worth(const FillValue *value, const EventName *name, GPtrArray *owned,
                      EventWorth *ret_worth);
