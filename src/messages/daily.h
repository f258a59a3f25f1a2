/* messages/daily.h: how many mails the way out still takes, and when those beyond it go.
 *
 * Providers count in a day of theirs or in any 24 hours. Kith keeps to the stricter: in no 24 hours
 * do more mails of mailings leave than the sender's daily limit, whatever process sent them. They
 * are counted in slots of ten minutes, in the transaction of the hand over; a slot counts until all
 * of it is a day old.
 *
 * When the limit is reached what is due waits, with reason `daily_limit` and its time: as many as a
 * day takes for when all of today's have left the count, the next a day later, and so on. What
 * waits for this is not late: its not_after moves along.
 */
#pragma once
#include "messages/messages_private.h"
#include "store/db.h"

enum { DAILY_SLOT_MS = 10 * 60 * 1000, DAILY_ROWS = 200 /* moved in one unit */ };

#define DAILY_REASON "daily_limit"

typedef struct DailyRoom {
    int64_t limit;    /* in 24 hours; 0: any number */
    int64_t left;     /* of it, now; INT64_MAX without a limit */
    int64_t opens_at; /* when all that count now have left the count; UTC ms */
    int64_t queued;   /* messages that are open in all mailings */
} DailyRoom;

/* As it is now, read in a snapshot of its own. */
bool daily_room(Messages *messages, DailyRoom *ret_room, GError **error);

/* Counts one mail. In the unit of its hand over. */
bool daily_count(Db *db, int64_t now_ms, GError **error);

/* Moves everything that is due behind the limit, in small units. Sender's thread. */
bool daily_postpone(Messages *messages, const DailyRoom *room, GError **error);

/* On how many days `mails` more would leave, today counted: 1 = all today. */
int64_t daily_days(const DailyRoom *room, int64_t mails);
