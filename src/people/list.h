/* people/list.h: the list of people: search, sort, pages; and what later folders add to it.
 *
 * Names, addresses and tags are ours; orders, money and rhythm belong to `measure/`, which comes
 * later in the house. It makes itself readable here through a PeopleProvider that `app/` sets once
 * at the start; without one those columns are empty.
 *
 *     PeopleListQuery query = {.text = "ann", .sort = "name", .limit = 50};
 *     json_t *page = people_list_json(people, db, &query, error);
 */
#pragma once
#include <jansson.h>

#include "people/people.h"

enum {
    LIST_LIMIT_MAX = 200,
    LIST_LIMIT = 50,           /* when none is given */
    LIST_MATCHES_MAX = 5000,   /* a search counts and sorts at most so many */
    LIST_SCAN_ROWS = 20000,    /* summary rows a search reads in one go */
    LIST_CURSOR_MAX = 4 * 1024 /* bytes */
};

/* What measure knows of one person, over all stems. Times UTC ms, 0 = none. */
typedef struct PersonFigures {
    int64_t orders;
    int64_t spent_minor, net_minor; /* base currency; before and after refunds */
    char currency[4];               /* "" while the business profile is empty */
    int64_t first_order_at, last_order_at;
    double median_gap_days; /* < 0: too few orders */
    double quiet_days;      /* since the last order; < 0: none */
    bool quiet;             /* unusually for this person (reference/kpis.md) */
    int64_t next_expected_at;
} PersonFigures;

/* Which people, in which order. */
typedef struct PeopleSelect {
    const char *sort;      /* last_order, orders, spent, quiet; NULL: no order asked */
    const char *group;     /* customers, quiet, new, repeat; NULL = everybody with an order */
    const char *kpi;       /* people behind this figure, or NULL */
    const char *from, *to; /* dates of the figure's period, or NULL */
    bool descending;
} PeopleSelect;

/* Called on worker threads, several at once. */
typedef struct PeopleProvider {
    void *context;
    /* Zeroed for people without orders. */
    bool (*figures)(void *context, int64_t person_id, PersonFigures *ret_figures, GError **error);
    /* Appends the ids of people (roots, no duplicates) in the order asked to `ids`, a GArray of
     * int64_t. Errors: KITH_ERROR_INVALID (unknown figure). */
    bool (*select)(void *context, const PeopleSelect *select, GArray *ids, GError **error);
} PeopleProvider;

/* Once, before anybody lists. Copied. */
void people_set_provider(People *people, const PeopleProvider *provider);

/* False (and zeroes) without a provider or when it fails: figures are then shown as unknown. */
bool people_figures(People *people, int64_t person_id, PersonFigures *ret_figures);

typedef struct PeopleListQuery {
    const char *text;  /* search, NULL or "" = all: words of name, address, number, user id */
    const char *sort;  /* name, created, last_order, orders, spent, quiet; NULL = name */
    const char *group; /* all, customers, quiet, new, repeat; NULL = all */
    const char *kpi;   /* NULL, or the people behind this figure */
    const char *from, *to;
    const char *cursor; /* of the page before, NULL = first page */
    int64_t limit;      /* 1..LIST_LIMIT_MAX; 0 = LIST_LIMIT */
    bool descending;
} PeopleListQuery;

/* The rows of these people (a GArray of int64_t), as in a page of the list; who was erased or
 * merged since is left out. New reference, NULL on failure. */
json_t *people_rows_json(People *people, Db *db, const GArray *ids, GError **error);

/* {"people":[…],"total":n,"next":cursor|null}; new reference, NULL on failure. `total` is exact up
 * to LIST_MATCHES_MAX for a search. Errors: KITH_ERROR_INVALID (cursor, sort, figure). */
json_t *people_list_json(People *people, Db *db, const PeopleListQuery *query, GError **error);
