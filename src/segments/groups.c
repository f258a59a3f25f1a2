#include "segments/groups.h"

#include "base/clock.h"
#include "base/error.h"
#include "segments/look.h"

const Group groups[] = {
    {"new_leads", "New leads", "created_at in last 30 days and orders = 0", true},
    {"new_this_month", "New this month", "first \"Order Completed\" this month", false},
    {"active", "Active", "did \"Order Completed\" in last 90 days", false},
    {"one_time", "Bought once", "did \"Order Completed\" exactly 1 time", false},
    {"second_order", "Time for a second order",
     "first \"Order Completed\" between 35 and 25 days ago and did \"Order Completed\" exactly 1 "
     "time",
     false},
    {"regulars", "Regulars", "did \"Order Completed\" at least 3 times in last 365 days", false},
    {"quiet", "Gone quiet, unusually for them", "silent longer than 2.5 times usual", false},
    {"lapsed_60", "No order for 60 days", "last \"Order Completed\" more than 60 days ago", false},
    {"top_10", "Top 10 % by what they spent", "top 10 % by lifetime_value", false},
    {"cart", "Left something in the basket",
     "did \"Product Added\" in last 3 days and not then \"Order Completed\"", true},
    {"birthday_week", "Birthday this week", "birthday this week", true},
    {"refunded", "Refunded lately", "did \"Order Refunded\" in last 30 days", false},
    {"readers", "Clicked in a mail", "did \"Email Link Clicked\" in last 30 days", true},
    {"promoters", "Would recommend", "did \"Survey Answered\" where score >= 9", true},
};
const size_t group_count = G_N_ELEMENTS(groups);

enum { GROUPS_MAX = 32 };

typedef struct Gathering {
    Segments *segments;
    Rule *rules[GROUPS_MAX];   /* owned */
    SegmentAnswer *then, *now; /* owned; may be one and the same */
} Gathering;

static void gathering_clear(Gathering *gathering)
{
    for (size_t i = 0; i < group_count; i++)
        rule_free(gathering->rules[i]);
    if (gathering->then != gathering->now) segment_answer_free(gathering->then);
    segment_answer_free(gathering->now);
}

static SegmentAnswer *ask_at(const Gathering *gathering, int64_t at, GError **error)
{
    SegmentAsk ask = {
        .rules = (const Rule *const *)gathering->rules, .count = group_count, .at = at};
    return segments_ask(gathering->segments, &ask, error);
}

/* The start of the day after the newest order, or `now` when that is recent. */
static int64_t as_of(const SegmentAnswer *answer, int64_t now)
{
    bool known = answer->newest_order != INT64_MIN;
    if (!known || now - answer->newest_order <= GROUP_STALE_DAYS * CLOCK_DAY_MS) return now;
    int64_t day = zone_floor(answer->zone, answer->newest_order, ZONE_DAY);
    return zone_add(answer->zone, day, ZONE_DAY, 1);
}

static bool gather(Gathering *gathering, GError **error)
{
    int64_t now = clock_now_ms();
    g_assert(group_count <= GROUPS_MAX);
    for (size_t i = 0; i < group_count; i++) {
        gathering->rules[i] = rule_parse(slice_of(groups[i].rule), NULL, error);
        if (!gathering->rules[i]) return false;
    }
    gathering->now = gathering->then = ask_at(gathering, now, error);
    if (!gathering->now) return false;
    int64_t then = as_of(gathering->now, now);
    if (then == now) return true;
    gathering->then = ask_at(gathering, then, error);
    return gathering->then != NULL;
}

static bool group_add(const Gathering *gathering, Db *db, size_t index, json_t *list,
                      GError **error)
{
    const Group *group = &groups[index];
    const SegmentAnswer *answer = group->now ? gathering->now : gathering->then;
    json_t *sample = json_array();
    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:I, s:o}", "key", group->key,
                                          "name", group->name, "rule", group->rule, "count",
                                          (json_int_t)set_count(answer->sets[index]), "as_of",
                                          (json_int_t)answer->at, "sample", sample));
    return look_faces(db, answer, answer->sets[index], GROUP_SAMPLE, sample, error);
}

static bool list_fill(const Gathering *gathering, json_t *list, GError **error)
{
    Store *store = segments_store(gathering->segments);
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = true;
    for (size_t i = 0; i < group_count && done; i++)
        done = group_add(gathering, db, i, list, error);
    store_reader_end(store, db);
    return done;
}

static json_t *gathering_json(const Gathering *gathering, GError **error)
{
    const SegmentAnswer *then = gathering->then;
    bool stale = then != gathering->now;
    json_t *list = json_array();
    json_t *reply =
        json_pack("{s:I, s:s?, s:s, s:I, s:o}", "as_of", (json_int_t)then->at, "as_of_reason",
                  stale ? "day_after_newest_order" : NULL, "zone", zone_name(then->zone), "people",
                  (json_int_t)then->people->len, "groups", list);
    if (list_fill(gathering, list, error)) return reply;
    json_decref(reply);
    return NULL;
}

json_t *groups_json(Segments *segments, GError **error)
{
    Gathering gathering = {.segments = segments};
    json_t *reply = gather(&gathering, error) ? gathering_json(&gathering, error) : NULL;
    gathering_clear(&gathering);
    return reply;
}
