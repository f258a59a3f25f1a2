#include "messages/daily.h"

#include "base/clock.h"
#include "messages/messages_sql.h"

/* What leaves in one slot has left the count when all of the slot is a day old. */
#define DAILY_STEP_MS (CLOCK_DAY_MS + DAILY_SLOT_MS)

static int64_t slot_of(int64_t at_ms) { return at_ms / DAILY_SLOT_MS; }

static bool room_read(Messages *messages, Db *db, DailyRoom *ret_room, GError **error)
{
    const Carrier *carrier = &messages->options.carrier;
    CarrierFacts facts = {0};
    bool found;
    int64_t now_ms = clock_now_ms();
    DailySentParams params = {slot_of(now_ms - CLOCK_DAY_MS)};
    DailySentRow sent = {0};
    DailyQueuedRow queued = {0};
    if (!carrier->facts(carrier->context, db, &facts, error) ||
        !sql_daily_sent(db, &params, &sent, &found, error) ||
        !sql_daily_queued(db, &queued, &found, error))
        return false;
    *ret_room = (DailyRoom){.limit = facts.daily, .left = INT64_MAX, .queued = queued.count};
    ret_room->opens_at = (MAX(sent.last, params.since) + 1) * DAILY_SLOT_MS + CLOCK_DAY_MS;
    if (facts.daily > 0) ret_room->left = MAX(facts.daily - sent.mails, 0);
    return true;
}

bool daily_room(Messages *messages, DailyRoom *ret_room, GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = room_read(messages, db, ret_room, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

bool daily_count(Db *db, int64_t now_ms, GError **error)
{
    DailyForgetParams forget = {slot_of(now_ms - 2 * CLOCK_DAY_MS)};
    DailyAddParams add = {slot_of(now_ms)};
    return sql_daily_forget(db, &forget, NULL, error) && sql_daily_add(db, &add, NULL, error);
}

/* ---- behind the limit ---- */

typedef struct PostponeWork {
    const DailyRoom *room;
    int64_t place; /* of the next one among those that wait for the limit */
    guint moved;
} PostponeWork;

static bool one_postpone(PostponeWork *work, Db *db, const MessageKey *key, GError **error)
{
    int64_t due_ms = work->room->opens_at + work->place / work->room->limit * DAILY_STEP_MS;
    MessagePostponeParams params = {.person_id = key->person_id,
                                    .origin = key->origin,
                                    .occurrence = key->occurrence,
                                    .due_at = due_ms,
                                    .not_after = due_ms + CAMPAIGN_LATE_MS,
                                    .now = clock_now_ms()};
    work->place++;
    return sql_message_postpone(db, &params, NULL, error);
}

static bool postpone_run(Db *db, void *data, GError **error)
{
    PostponeWork *work = data;
    g_autoptr(GArray) keys = g_array_new(FALSE, FALSE, sizeof(MessageKey));
    int64_t now_ms = clock_now_ms();
    DailyWaitingParams waiting = {now_ms};
    DailyWaitingRow ahead = {0};
    MessageDueParams due = {now_ms, DAILY_ROWS};
    MessageDueRow row;
    g_auto(DbCursor) cursor = {0};
    bool found;
    if (work->place < 0 && !sql_daily_waiting(db, &waiting, &ahead, &found, error)) return false;
    if (work->place < 0) work->place = ahead.count;
    if (!sql_message_due_open(db, &due, &cursor, error)) return false;
    while (sql_message_due_next(&cursor, &row)) {
        MessageKey key = {row.person_id, row.origin, row.occurrence};
        g_array_append_val(keys, key);
    }
    if (!db_cursor_finish(&cursor, error)) return false;
    work->moved = keys->len;
    for (guint i = 0; i < keys->len; i++)
        if (!one_postpone(work, db, &g_array_index(keys, MessageKey, i), error)) return false;
    return true;
}

bool daily_postpone(Messages *messages, const DailyRoom *room, GError **error)
{
    PostponeWork work = {room, -1, 0};
    do {
        if (!writer_call(messages_writer(messages), WRITER_TIMER, postpone_run, &work, error))
            return false;
    } while (work.moved == DAILY_ROWS && !messages_stopping(messages));
    return true;
}

int64_t daily_days(const DailyRoom *room, int64_t mails)
{
    int64_t all = room->queued + mails;
    if (room->limit <= 0 || all <= room->left) return 1;
    return 1 + (all - room->left + room->limit - 1) / room->limit;
}
