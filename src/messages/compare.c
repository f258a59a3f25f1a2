#include "messages/compare.h"

#include <math.h>
#include <string.h>

#include "base/clock.h"
#include "base/keyhash.h"
#include "messages/messages_sql.h"

enum { COMPARE_ROWS = 5000 };

#define Z95 1.959963984540054

/* Wilson's score interval of one share. */
static void wilson(const CompareArm *arm, double *ret_low, double *ret_high)
{
    double n = (double)arm->people, p = (double)arm->buyers / n, z2 = Z95 * Z95;
    double middle = p + z2 / (2 * n);
    double reach = Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    *ret_low = (middle - reach) / (1 + z2 / n);
    *ret_high = (middle + reach) / (1 + z2 / n);
}

void compare_interval(Compare *compare)
{
    double low1, high1, low2, high2;
    double p1 = (double)compare->written.buyers / (double)compare->written.people;
    double p2 = (double)compare->alone.buyers / (double)compare->alone.people;
    wilson(&compare->written, &low1, &high1);
    wilson(&compare->alone, &low2, &high2);
    compare->extra = p1 - p2;
    compare->low = compare->extra - sqrt((p1 - low1) * (p1 - low1) + (high2 - p2) * (high2 - p2));
    compare->high = compare->extra + sqrt((high1 - p1) * (high1 - p1) + (p2 - low2) * (p2 - low2));
}

static void compare_judge(Compare *compare, bool over)
{
    compare->enough = compare->written.people >= COMPARE_PEOPLE_MIN &&
                      compare->alone.people >= COMPARE_PEOPLE_MIN;
    compare->verdict = "too_few";
    if (!compare->enough) return;
    compare_interval(compare);
    compare->verdict = compare->low > 0    ? "helped"
                       : compare->high < 0 ? "harmed"
                       : over              ? "no_difference"
                                           : "too_early";
}

/* ---- counting ---- */

/* An arm and whether they bought, per person: 2 bits in a map. */
enum { ARM_ALONE = 1, ARM_BOUGHT = 2 };

typedef struct CompareWork {
    Messages *messages;
    const Campaign *campaign;
    Compare *compare;
    KeyMap *people; /* hash of the person -> bits */
    int64_t after_person, after_order, rows;
} CompareWork;

static Hash128 person_key(CompareWork *work, int64_t stem)
{
    int64_t person_id = people_person(work->messages->options.people, stem);
    return keyhash128(work->messages->draw_key, &person_id, sizeof person_id);
}

static bool drawn(const MessageArmsRow *row)
{
    return row->arm || strcmp(row->state, "dropped") != 0;
}

static bool arms_chunk(CompareWork *work, Db *db, GError **error)
{
    MessageArmsParams params = {work->campaign->campaign_id, work->after_person, COMPARE_ROWS};
    MessageArmsRow row;
    g_auto(DbCursor) cursor = {0};
    work->rows = 0;
    if (!sql_message_arms_open(db, &params, &cursor, error)) return false;
    while (sql_message_arms_next(&cursor, &row)) {
        bool added = false;
        work->rows++;
        work->after_person = row.person_id;
        if (!drawn(&row)) continue;
        keymap_add(work->people, person_key(work, row.person_id), row.arm ? ARM_ALONE : 0, NULL,
                   &added);
        CompareArm *arm = row.arm ? &work->compare->alone : &work->compare->written;
        arm->people += added;
    }
    return db_cursor_finish(&cursor, error);
}

static bool orders_chunk(CompareWork *work, Db *db, GError **error)
{
    MessageOrdersParams params = {work->campaign->started_at, work->compare->until,
                                  work->after_person, work->after_order, COMPARE_ROWS};
    MessageOrdersRow row;
    g_auto(DbCursor) cursor = {0};
    work->rows = 0;
    if (!sql_message_orders_open(db, &params, &cursor, error)) return false;
    while (sql_message_orders_next(&cursor, &row)) {
        int64_t bits;
        work->rows++;
        work->after_person = row.person_id;
        work->after_order = row.order_id;
        Hash128 key = person_key(work, row.person_id);
        if (!keymap_find(work->people, key, &bits)) continue;
        CompareArm *arm = bits & ARM_ALONE ? &work->compare->alone : &work->compare->written;
        arm->buyers += !(bits & ARM_BOUGHT);
        arm->revenue += row.base_net.set ? row.base_net.value : 0;
        keymap_put(work->people, key, bits | ARM_BOUGHT);
    }
    return db_cursor_finish(&cursor, error);
}

typedef bool (*Chunk)(CompareWork *work, Db *db, GError **error);

/* Every chunk in a snapshot of its own, so that none grows old. */
static bool chunks_read(CompareWork *work, Chunk chunk, GError **error)
{
    work->after_person = work->after_order = -1;
    do {
        Db *db = store_reader_begin(messages_store(work->messages), error);
        if (!db) return false;
        bool done = chunk(work, db, error);
        store_reader_end(messages_store(work->messages), db);
        if (!done) return false;
    } while (work->rows == COMPARE_ROWS);
    return true;
}

bool compare_load(Messages *messages, const Campaign *campaign, Compare *ret_compare,
                  GError **error)
{
    int64_t now_ms = clock_now_ms();
    int64_t end_ms = campaign->started_at + campaign->compare_days * CLOCK_DAY_MS;
    g_autoptr(KeyMap) people = keymap_new(0);
    Compare compare = {.until = MIN(now_ms, end_ms)};
    CompareWork work = {messages, campaign, &compare, people, 0, 0, 0};
    if (!campaign->started_at) compare.until = 0;
    if (campaign->started_at &&
        (!chunks_read(&work, arms_chunk, error) || !chunks_read(&work, orders_chunk, error)))
        return false;
    compare_judge(&compare, now_ms >= end_ms);
    *ret_compare = compare;
    return true;
}
