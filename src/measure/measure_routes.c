#include "measure/measure_routes.h"

#include "base/error.h"
#include "measure/day.h"
#include "measure/home.h"
#include "measure/measure_sql.h"
#include "measure/reconcile.h"
#include "measure/report.h"
#include "net/request.h"

enum { PEOPLE_PAGE = 100 };

typedef struct PeriodQuery {
    const char *from, *to, *zone;
    int64_t cursor;
} PeriodQuery;

static const Field period_fields[] = {
    {"from", FIELD_DATE, .offset = offsetof(PeriodQuery, from), .doc = "First day; none: open."},
    {"to", FIELD_DATE, .offset = offsetof(PeriodQuery, to),
     .doc = "First day that is no longer counted; none: open."},
    {"zone", FIELD_TEXT, .offset = offsetof(PeriodQuery, zone), .max = 100,
     .doc = "IANA time zone; none: the business's."},
    {"cursor", FIELD_INT, .offset = offsetof(PeriodQuery, cursor), .max = 1000000000,
     .doc = "`next` of the page before."},
};
static const Schema period_query = SCHEMA("PeriodQuery", PeriodQuery, period_fields);

typedef struct ReconcileQuery {
    int64_t import, cursor;
} ReconcileQuery;

static const Field reconcile_fields[] = {
    {"import", FIELD_ID, .offset = offsetof(ReconcileQuery, import),
     .doc = "The import; none: the newest finished one of orders."},
    {"cursor", FIELD_INT, .offset = offsetof(ReconcileQuery, cursor), .max = 1000000000,
     .doc = "`next` of the page before."},
};
static const Schema reconcile_query = SCHEMA("ReconcileQuery", ReconcileQuery, reconcile_fields);

#define ORIGIN_FIELDS                                                                              \
    {"as_of", FIELD_TIME, .required = true, .doc = "The moment the figures describe."},            \
        {"as_of_reason", FIELD_TEXT, .doc = "day_after_newest_order, or null: now."},              \
        {"built_at", FIELD_TIME, .required = true, .doc = "When the orders were read."},           \
        {"zone", FIELD_TEXT, .required = true},                                                    \
    {                                                                                              \
        "currency", FIELD_TEXT, .required = true                                                   \
    }

static const Field money_fields[] = {
    {"minor", FIELD_INT, .required = true},
    {"currency", FIELD_TEXT, .required = true},
};
static const Schema kpi_money = SCHEMA_REPLY("KpiMoney", money_fields);

static const char *const units[] = {"count", "money", "share", "days", "per_person", NULL};
static const Field kpi_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"label", FIELD_TEXT, .required = true},
    {"formula", FIELD_TEXT, .required = true},
    {"pitfalls", FIELD_TEXT, .required = true},
    {"unit", FIELD_TEXT, .required = true, .choices = units},
    {"value", FIELD_NUMBER, .doc = "Money in minor units, shares 0 to 1; null: cannot be given."},
    {"money", FIELD_OBJECT, .of = &kpi_money},
    {"n", FIELD_INT, .required = true, .doc = "What it rests on: people, or orders."},
    {"n_min", FIELD_INT, .required = true},
    {"enough", FIELD_BOOL, .required = true, .doc = "n is large enough to say something."},
    {"low", FIELD_NUMBER, .doc = "95 % interval."},
    {"high", FIELD_NUMBER},
    {"previous", FIELD_NUMBER, .doc = "Of the period before, of equal length and age."},
    {"people", FIELD_BOOL, .required = true, .doc = "There is a list of people behind it."},
    {"from", FIELD_DATE, .doc = "First day this figure looked at."},
    {"to", FIELD_DATE},
    {"repeat_days", FIELD_INT},
    {"window_days", FIELD_INT},
};
static const Schema kpi_schema = SCHEMA_REPLY("Kpi", kpi_fields);

static const Field kpis_fields[] = {
    ORIGIN_FIELDS,
    {"from", FIELD_DATE},
    {"to", FIELD_DATE},
    {"unrated_orders", FIELD_INT, .required = true, .doc = "Counted, but without a known rate."},
    {"unrated_refunds", FIELD_INT, .required = true},
    {"proposed_gap_days", FIELD_INT, .required = true, .doc = "Median gap between purchases."},
    {"kpis", FIELD_LIST, .required = true, .of = &kpi_schema},
};
static const Schema kpis_reply = SCHEMA_REPLY("Kpis", kpis_fields);

static const Field member_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT},
    {"email", FIELD_TEXT},
    {"weight", FIELD_INT, .required = true, .doc = "What the list is ordered by."},
};
static const Schema member_schema = SCHEMA_REPLY("KpiPerson", member_fields);

static const Field members_fields[] = {
    {"people", FIELD_LIST, .required = true, .of = &member_schema},
    {"total", FIELD_INT, .required = true},
    {"next", FIELD_TEXT},
};
static const Schema members_reply = SCHEMA_REPLY("KpiPeople", members_fields);

static const Field cell_fields[] = {
    {"buyers", FIELD_INT, .required = true},
    {"share", FIELD_NUMBER},
    {"complete", FIELD_BOOL, .required = true, .doc = "The month is over."},
};
static const Schema cell_schema = SCHEMA_REPLY("CohortCell", cell_fields);
static const Field row_fields[] = {
    {"month", FIELD_TEXT, .required = true},
    {"size", FIELD_INT, .required = true},
    {"cells", FIELD_LIST, .required = true, .of = &cell_schema},
};
static const Schema row_schema = SCHEMA_REPLY("CohortRow", row_fields);
static const Field cohorts_fields[] = {
    ORIGIN_FIELDS,
    {"months", FIELD_TEXTS, .required = true},
    {"rows", FIELD_LIST, .required = true, .of = &row_schema},
};
static const Schema cohorts_reply = SCHEMA_REPLY("Cohorts", cohorts_fields);

static const Field point_fields[] = {
    {"day", FIELD_INT, .required = true},
    {"share", FIELD_NUMBER, .required = true},
};
static const Schema point_schema = SCHEMA_REPLY("CurvePoint", point_fields);
static const Field curve_fields[] = {
    {"label", FIELD_TEXT, .required = true},
    {"from", FIELD_DATE, .required = true},
    {"to", FIELD_DATE, .required = true},
    {"size", FIELD_INT, .required = true},
    {"points", FIELD_LIST, .required = true, .of = &point_schema},
    {"complete_days", FIELD_INT, .required = true, .doc = "Beyond, draw dashed: still filling."},
};
static const Schema curve_schema = SCHEMA_REPLY("Curve", curve_fields);
static const Field curves_fields[] = {
    ORIGIN_FIELDS,
    {"curves", FIELD_LIST, .required = true, .of = &curve_schema},
};
static const Schema curves_reply = SCHEMA_REPLY("Curves", curves_fields);

static const Field attention_fields[] = {
    {"kind", FIELD_TEXT, .required = true},
    {"count", FIELD_INT, .required = true},
    {"money", FIELD_OBJECT, .of = &kpi_money},
    {"link", FIELD_TEXT, .required = true},
};
static const Schema attention_schema = SCHEMA_REPLY("Attention", attention_fields);
static const Field step_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"done", FIELD_BOOL, .required = true},
};
static const Schema step_schema = SCHEMA_REPLY("Step", step_fields);
static const Field match_fields[] = {
    {"state", FIELD_TEXT, .required = true},
    {"differs", FIELD_INT, .required = true},
};
static const Schema match_schema = SCHEMA_REPLY("MatchesShop", match_fields);
static const Field home_fields[] = {
    ORIGIN_FIELDS,
    {"from", FIELD_DATE},
    {"to", FIELD_DATE},
    {"greeting_key", FIELD_TEXT, .required = true},
    {"customers", FIELD_INT, .required = true},
    {"attention", FIELD_LIST, .required = true, .of = &attention_schema},
    {"figures", FIELD_LIST, .required = true, .of = &kpi_schema},
    {"curves", FIELD_LIST, .required = true, .of = &curve_schema},
    {"steps", FIELD_LIST, .required = true, .of = &step_schema},
    {"matches_shop", FIELD_OBJECT, .of = &match_schema},
};
static const Schema home_reply = SCHEMA_REPLY("Home", home_fields);

static const Field differs_fields[] = {
    {"order_key", FIELD_TEXT, .required = true},
    {"what", FIELD_TEXT, .required = true},
    {"shop", FIELD_TEXT},
    {"kith", FIELD_TEXT},
    {"why", FIELD_TEXT, .required = true},
};
static const Schema differs_schema = SCHEMA_REPLY("Difference", differs_fields);
static const Field both_fields[] = {
    {"shop", FIELD_OBJECT, .required = true, .of = &kpi_money},
    {"kith", FIELD_OBJECT, .required = true, .of = &kpi_money},
};
static const Schema both_schema = SCHEMA_REPLY("ReconcileTotal", both_fields);
static const Field reconciled_fields[] = {
    {"import", FIELD_ID},
    {"shop_orders", FIELD_INT, .required = true},
    {"kith_orders", FIELD_INT, .required = true},
    {"shop_total", FIELD_OBJECT, .required = true, .of = &kpi_money},
    {"kith_total", FIELD_OBJECT, .required = true, .of = &kpi_money},
    {"totals", FIELD_LIST, .required = true, .of = &both_schema, .doc = "Per currency."},
    {"differs", FIELD_LIST, .required = true, .of = &differs_schema},
    {"differs_count", FIELD_INT, .required = true},
    {"next", FIELD_TEXT},
};
static const Schema reconciled_reply = SCHEMA_REPLY("Reconciled", reconciled_fields);

/* The period of a query; the schema has already read the dates. */
static bool period_read(Request *request, const PeriodQuery *query, KpiPeriod *ret_period,
                        GError **error)
{
    KpiPeriod period = {DAY_OPEN_START, DAY_OPEN_END};
    if (query->from && !day_parse(query->from, &period.from))
        return request_fail_field(request, "from", "no such date", error);
    if (query->to && !day_parse(query->to, &period.to))
        return request_fail_field(request, "to", "no such date", error);
    if (period.from >= period.to)
        return request_fail_field(request, "to", "must lie after from", error);
    *ret_period = period;
    return true;
}

/* NULL: the business's. */
static bool zone_read(const PeriodQuery *query, const Zone **ret_zone, GError **error)
{
    *ret_zone = query->zone ? zone_find(slice_of(query->zone), error) : NULL;
    return *ret_zone || !query->zone;
}

static View *view_read(Request *request, const PeriodQuery *query, GError **error)
{
    const Zone *zone;
    if (!zone_read(query, &zone, error)) return NULL;
    return measure_view(request_context(request), zone, error);
}

static bool kpis_get(Request *request, GError **error)
{
    KpiPeriod period;
    const PeriodQuery *query = request_query(request);
    if (!period_read(request, query, &period, error)) return false;
    g_autoptr(View) view = view_read(request, query, error);
    if (!view) return false;
    return request_reply_json(request, 200, report_kpis(view, &period, NULL));
}

static bool members_page(Db *db, const GArray *members, guint from, json_t *people, GError **error)
{
    for (guint i = from; i < members->len && i - from < PEOPLE_PAGE; i++) {
        const KpiMember *member = &g_array_index(members, KpiMember, i);
        SummaryOfRow row = {0};
        char id[24];
        bool found;
        if (!sql_summary_of(db, &(SummaryOfParams){member->person}, &row, &found, error))
            return false;
        g_snprintf(id, sizeof id, "%" G_GINT64_FORMAT, member->person);
        json_array_append_new(people,
                              json_pack("{s:s, s:s?, s:s?, s:I}", "id", id, "name",
                                        found ? row.name : NULL, "email", found ? row.email : NULL,
                                        "weight", (json_int_t)member->weight));
    }
    return true;
}

static bool members_reply_send(Request *request, const GArray *members, guint from, GError **error)
{
    Store *store = measure_store(request_context(request));
    json_t *people = json_array();
    Db *db = store_reader_begin(store, error);
    bool done = db && members_page(db, members, from, people, error);
    if (db) store_reader_end(store, db);
    json_t *reply = json_pack("{s:o, s:I}", "people", people, "total", (json_int_t)members->len);
    if (done && from + PEOPLE_PAGE < members->len) {
        char next[16];
        g_snprintf(next, sizeof next, "%u", from + PEOPLE_PAGE);
        json_object_set_new(reply, "next", json_string(next));
    } else {
        json_object_set_new(reply, "next", json_null());
    }
    if (done) return request_reply_json(request, 200, reply);
    json_decref(reply);
    return false;
}

static bool kpi_people_get(Request *request, GError **error)
{
    KpiPeriod period;
    KpiScope scope;
    const PeriodQuery *query = request_query(request);
    const char *text = request_path_text(request, "name");
    KpiName name = kpi_find(text);
    if (name == KPI_COUNT || !kpi_table[name].member)
        return fail(error, KITH_ERROR_NOT_FOUND, "no people are behind a figure \"%s\"", text);
    if (!period_read(request, query, &period, error)) return false;
    g_autoptr(View) view = view_read(request, query, error);
    if (!view) return false;
    kpi_scope_init(&scope, view, &period);
    g_autoptr(GArray) members = kpi_members(view, &scope, name);
    guint from = (guint)CLAMP(query->cursor, 0, (int64_t)members->len);
    return members_reply_send(request, members, from, error);
}

static bool cohorts_get(Request *request, GError **error)
{
    const Zone *zone;
    g_auto(CohortNow) now = {0};
    if (!zone_read(request_query(request), &zone, error)) return false;
    if (!cohort_now(request_context(request), zone, &now, error)) return false;
    return request_reply_json(request, 200, report_cohorts(&now));
}

static bool curves_get(Request *request, GError **error)
{
    g_autoptr(View) view = view_read(request, request_query(request), error);
    if (!view) return false;
    json_t *reply = json_pack("{s:o}", "curves", report_curves(view, &report_all_curves));
    report_set_origin(reply, view);
    return request_reply_json(request, 200, reply);
}

static bool home_get(Request *request, GError **error)
{
    json_t *reply = home_report(request_context(request), error);
    return reply && request_reply_json(request, 200, reply);
}

static bool reconcile_get(Request *request, GError **error)
{
    const ReconcileQuery *query = request_query(request);
    ReconcileAsked asked = {query->import, query->cursor, RECONCILE_PAGE};
    json_t *reply = reconcile_report(request_context(request), &asked, error);
    return reply && request_reply_json(request, 200, reply);
}

static const Route measure_routes[] = {
    {"GET", "/api/kpis", SCOPE_USER, .query = &period_query, .reply = &kpis_reply,
     .handle = kpis_get, .summary = "Every figure of a period"},
    {"GET", "/api/kpis/{name}/people", SCOPE_USER, .query = &period_query, .reply = &members_reply,
     .handle = kpi_people_get, .summary = "The people behind a figure"},
    {"GET", "/api/cohorts", SCOPE_USER, .query = &period_query, .reply = &cohorts_reply,
     .handle = cohorts_get, .summary = "Buyers by month of first purchase and months since"},
    {"GET", "/api/curves", SCOPE_USER, .query = &period_query, .reply = &curves_reply,
     .handle = curves_get, .summary = "How many came back within so many days, by quarter"},
    {"GET", "/api/home", SCOPE_USER, .reply = &home_reply, .handle = home_get,
     .summary = "What is worth doing today, three figures and the curves"},
    {"GET", "/api/reconcile", SCOPE_USER, .query = &reconcile_query, .reply = &reconciled_reply,
     .handle = reconcile_get, .summary = "What differs from the shop's own export"},
};

void measure_add_routes(Server *server, Measure *measure)
{
    server_add_routes(server, measure_routes, G_N_ELEMENTS(measure_routes), measure);
}
