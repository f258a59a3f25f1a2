#include "measure/provider.h"

#include "base/error.h"
#include "measure/day.h"
#include "measure/kpi.h"

#include <string.h>

/* One person of a list, with what it is ordered by. */
typedef struct Listed {
    int64_t person, key;
} Listed;

static int64_t revenue_of(const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    int64_t revenue = 0;
    for (uint32_t k = facts->start[index]; k < facts->start[index + 1]; k++)
        if (facts->revenue[k] != FACTS_UNKNOWN) revenue += facts->revenue[k];
    return revenue;
}

static int64_t refunds_of(const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    int64_t refunds = 0;
    for (uint32_t k = facts->refund_start[index]; k < facts->refund_start[index + 1]; k++)
        if (facts->refund_amount[k] != FACTS_UNKNOWN) refunds += facts->refund_amount[k];
    return refunds;
}

static void figures_fill(PersonFigures *figures, const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    uint32_t first = facts->start[index], end = facts->start[index + 1], days;
    int32_t gap = view_median_gap_doubled(view, index, &days);
    figures->orders = end - first;
    figures->spent_minor = revenue_of(view, index);
    figures->net_minor = figures->spent_minor - refunds_of(view, index);
    if (first == end) return;
    int32_t silence = MAX(view->as_of_day - view->day[end - 1], 0);
    figures->first_order_at = facts->at[first];
    figures->last_order_at = facts->at[end - 1];
    figures->quiet_days = silence;
    figures->quiet = view_is_quiet(silence, gap, days);
    if (days < 2) return;
    figures->median_gap_days = gap / 2.0;
    figures->next_expected_at = figures->last_order_at + gap * (DAY_MS / 2);
}

static bool provider_figures(void *context, int64_t person_id, PersonFigures *ret_figures,
                             GError **error)
{
    g_autoptr(View) view = measure_view(context, NULL, error);
    if (!view) return false;
    PersonFigures figures = {.median_gap_days = -1, .quiet_days = -1};
    memcpy(figures.currency, view->facts->origin.currency, sizeof figures.currency);
    int64_t index = facts_person_index(view->facts, person_id);
    if (index >= 0) figures_fill(&figures, view, (uint32_t)index);
    *ret_figures = figures;
    return true;
}

static bool in_group(const char *group, const View *view, uint32_t index)
{
    const Facts *facts = view->facts;
    uint32_t first = facts->start[index], end = facts->start[index + 1], days;
    if (first == end) return false;
    if (!group || strcmp(group, "customers") == 0) return true;
    if (strcmp(group, "new") == 0) return view->day[first] >= view->as_of_day - PROVIDER_NEW_DAYS;
    int32_t gap = view_median_gap_doubled(view, index, &days);
    if (strcmp(group, "repeat") == 0) return days >= 2;
    return view_is_quiet(view->as_of_day - view->day[end - 1], gap, days);
}

static bool group_check(const char *group, GError **error)
{
    static const char *const groups[] = {"customers", "quiet", "new", "repeat"};
    if (!group) return true;
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++)
        if (strcmp(group, groups[i]) == 0) return true;
    return fail(error, KITH_ERROR_INVALID, "unknown group \"%s\"", group);
}

static void select_group(const View *view, const char *group, GArray *listed)
{
    bool quiet = g_strcmp0(group, "quiet") == 0;
    for (uint32_t i = 0; i < view->facts->person_count; i++) {
        if (!in_group(group, view, i)) continue;
        int64_t key = quiet ? view_spent(view, i, view->as_of_day - VIEW_YEAR_DAYS, INT32_MAX)
                            : revenue_of(view, i);
        Listed one = {view->facts->person[i], key};
        g_array_append_val(listed, one);
    }
}

static bool date_read(const char *text, int32_t *in_out, GError **error)
{
    if (!text || day_parse(text, in_out)) return true;
    return fail(error, KITH_ERROR_INVALID, "\"%s\" is no date: YYYY-MM-DD", text);
}

static bool select_kpi(const View *view, const PeopleSelect *select, GArray *listed, GError **error)
{
    KpiScope scope;
    KpiPeriod period = {DAY_OPEN_START, DAY_OPEN_END};
    KpiName name = kpi_find(select->kpi);
    if (name == KPI_COUNT || !kpi_table[name].member)
        return fail(error, KITH_ERROR_INVALID, "no people are behind a figure \"%s\"", select->kpi);
    if (!date_read(select->from, &period.from, error)) return false;
    if (!date_read(select->to, &period.to, error)) return false;
    kpi_scope_init(&scope, view, &period);
    g_autoptr(GArray) members = kpi_members(view, &scope, name);
    for (guint i = 0; i < members->len; i++) {
        const KpiMember *member = &g_array_index(members, KpiMember, i);
        Listed one = {member->person, member->weight};
        g_array_append_val(listed, one);
    }
    return true;
}

/* What a person weighs in the order asked; false: no such order. */
static bool sort_key(const View *view, const char *sort, int64_t person, int64_t *ret_key)
{
    uint32_t index = (uint32_t)facts_person_index(view->facts, person);
    uint32_t first = view->facts->start[index], end = view->facts->start[index + 1];
    int64_t last_at = end > first ? view->facts->at[end - 1] : INT64_MIN;
    if (strcmp(sort, "orders") == 0)
        *ret_key = end - first;
    else if (strcmp(sort, "spent") == 0)
        *ret_key = revenue_of(view, index);
    else if (strcmp(sort, "last_order") == 0)
        *ret_key = last_at;
    else if (strcmp(sort, "quiet") == 0)
        *ret_key = last_at == INT64_MIN ? INT64_MIN : -last_at;
    else
        return false;
    return true;
}

static bool keys_set(const View *view, const char *sort, GArray *listed, GError **error)
{
    for (guint i = 0; i < listed->len; i++) {
        Listed *one = &g_array_index(listed, Listed, i);
        if (!sort_key(view, sort, one->person, &one->key))
            return fail(error, KITH_ERROR_INVALID, "people cannot be ordered by \"%s\"", sort);
    }
    return true;
}

static int listed_compare(const void *x, const void *y)
{
    const Listed *a = x, *b = y;
    if (a->key != b->key) return a->key < b->key ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

static void ids_append(GArray *ids, const GArray *listed, bool descending)
{
    for (guint i = 0; i < listed->len; i++) {
        guint at = descending ? listed->len - 1 - i : i;
        g_array_append_val(ids, g_array_index(listed, Listed, at).person);
    }
}

static bool provider_select(void *context, const PeopleSelect *select, GArray *ids, GError **error)
{
    g_autoptr(View) view = measure_view(context, NULL, error);
    if (!view) return false;
    g_autoptr(GArray) listed = g_array_new(FALSE, FALSE, sizeof(Listed));
    if (!group_check(select->group, error)) return false;
    if (!select->kpi)
        select_group(view, select->group, listed);
    else if (!select_kpi(view, select, listed, error))
        return false;
    if (select->sort && !keys_set(view, select->sort, listed, error)) return false;
    g_array_sort(listed, listed_compare);
    ids_append(ids, listed, select->sort ? select->descending : true);
    return true;
}

PeopleProvider measure_provider(Measure *measure)
{
    return (PeopleProvider){
        .context = measure, .figures = provider_figures, .select = provider_select};
}
