#include "delivery/inbound.h"

#include "base/clock.h"
#include "base/error.h"
#include "base/keyhash.h"
#include "delivery/inbound_sql.h"
#include "delivery/inbound_state.h"
#include "store/stage.h"

#include <gmime/gmime.h>
#include <string.h>

enum { MAILBOX_HASH_SIZE = 33 };

struct Inbound {
    InboundOptions options;
    GMutex reading; /* one run at a time; held over network calls, never while anybody waits */
};

/* How far it is read. */
typedef struct Position {
    bool begun; /* of this mailbox */
    char mailbox[MAILBOX_HASH_SIZE];
    uint32_t first_validity, uid_validity, uid;
    int64_t since_at;
} Position;

/* One run. */
typedef struct Reading {
    Inbound *inbound;
    Job *job;
    InboundSource source;
    Position position;
    Stage *stage;
    Imap *imap;
    InboundState state;
    unsigned taken;
    bool more; /* there is more to read than one run may */
} Reading;

Inbound *inbound_new(const InboundOptions *options)
{
    Inbound *inbound = g_new0(Inbound, 1);
    g_mime_init();
    inbound->options = *options;
    g_mutex_init(&inbound->reading);
    return inbound;
}

void inbound_free(Inbound *inbound)
{
    if (!inbound) return;
    g_mutex_clear(&inbound->reading);
    g_free(inbound);
}

Store *inbound_store(const Inbound *inbound) { return inbound->options.store; }

bool inbound_ask(Db *db, int64_t now, GError **error)
{
    JobAdd add = {.kind = INBOUND_NOW_JOB, .key = "", .due_at = now};
    return jobs_add(db, &add, error);
}

static Writer *writer_of(const Reading *reading)
{
    return store_writer(reading->inbound->options.store);
}

static bool stopping(void *data)
{
    const Reading *reading = data;
    return job_stopping(reading->job);
}

/* ---- what is kept ---- */

static void mailbox_hash(Store *store, const InboundSource *source, char out[MAILBOX_HASH_SIZE])
{
    g_autofree char *name = g_strjoin("\n", source->host, source->user, NULL);
    Hash128 hash = keyhash128(store_secret(store, "mail source"), name, strlen(name));
    g_snprintf(out, MAILBOX_HASH_SIZE, "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x",
               (guint64)hash.high, (guint64)hash.low);
}

static bool position_read(Reading *reading, Db *db, GError **error)
{
    Position *position = &reading->position;
    MailSourceFindRow row;
    bool found;
    mailbox_hash(reading->inbound->options.store, &reading->source, position->mailbox);
    if (!sql_mail_source_find(db, &row, &found, error)) return false;
    position->begun = found && strcmp(row.mailbox, position->mailbox) == 0;
    if (!position->begun) return true;
    position->first_validity = (uint32_t)row.first_validity;
    position->uid_validity = (uint32_t)row.uid_validity;
    position->uid = (uint32_t)row.uid;
    position->since_at = row.since_at;
    return true;
}

static bool reading_load(Reading *reading, GError **error)
{
    Store *store = reading->inbound->options.store;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = inbound_source_load(store, db, &reading->source, error) &&
                position_read(reading, db, error);
    store_reader_end(store, db);
    return done;
}

static bool begin_write(Db *db, void *data, GError **error)
{
    const Position *position = data;
    MailSourceBeginParams params = {.mailbox = position->mailbox,
                                    .uid_validity = position->uid_validity,
                                    .uid = position->uid,
                                    .at = position->since_at};
    return sql_mail_source_begin(db, &params, NULL, error);
}

static bool move_write(Db *db, void *data, GError **error)
{
    const Position *position = data;
    MailSourceMoveParams params = {position->uid_validity, position->uid};
    return sql_mail_source_move(db, &params, NULL, error);
}

/* How a look went says nothing about settings that were changed meanwhile. */
static bool state_write(Db *db, void *data, GError **error)
{
    const Reading *reading = data;
    Store *store = reading->inbound->options.store;
    g_autofree InboundSource *now = g_new0(InboundSource, 1);
    if (!inbound_source_load(store, db, now, error)) return false;
    return memcmp(now, &reading->source, sizeof *now) != 0 ||
           inbound_state_save(store, db, &reading->state, error);
}

/* ---- one mail ---- */

typedef struct Taking {
    Reading *reading;
    const InboundMail *mail; /* NULL: passed over */
    uint32_t uid;            /* 0: the position stays */
    const char *parked;      /* why it cannot be taken; NULL: it can */
} Taking;

static bool take_write(Db *db, void *data, GError **error)
{
    Taking *taking = data;
    Reading *reading = taking->reading;
    const InboundTaker *taker = &reading->inbound->options.taker;
    Position position = reading->position;
    if (taking->parked && !stage_park(reading->stage, db, taking->uid, taking->parked, error))
        return false;
    if (taking->mail) {
        MailSourceTakenParams taken = {clock_now_ms()};
        if (!taker->take(taker->context, db, taking->mail, error) ||
            !sql_mail_source_taken(db, &taken, NULL, error))
            return false;
    }
    position.uid = MAX(position.uid, taking->uid);
    return move_write(db, &position, error);
}

/* A mail that the store refuses for what it is must not stand in the way of those behind it. */
static bool take(Taking *taking, GError **error)
{
    g_autoptr(GError) failure = NULL;
    Reading *reading = taking->reading;
    Writer *writer = writer_of(reading);
    bool done = writer_call(writer, WRITER_REST, take_write, taking, &failure);
    bool ours = g_error_matches(failure, KITH_ERROR, KITH_ERROR_INVALID) ||
                g_error_matches(failure, KITH_ERROR, KITH_ERROR_LIMIT);
    if (!done && ours) {
        taking->mail = NULL;
        taking->parked = "a mail of the inbox cannot be kept as it is";
        g_clear_error(&failure);
        done = writer_call(writer, WRITER_REST, take_write, taking, &failure);
    }
    if (!done) {
        g_propagate_error(error, g_steal_pointer(&failure));
        return false;
    }
    reading->position.uid = MAX(reading->position.uid, taking->uid);
    return true;
}

/* Numbered anew, a mail from before the set-up looks like a new one. */
static bool is_older(const Reading *reading, const ImapMail *mail)
{
    const Position *position = &reading->position;
    return position->uid_validity != position->first_validity && mail->at != 0 &&
           mail->at < position->since_at;
}

static bool mail_take(Reading *reading, const ImapMail *fetched, GError **error)
{
    Taking taking = {.reading = reading, .uid = fetched->uid};
    g_autoptr(InboundMail) mail = NULL;
    if (fetched->found && !is_older(reading, fetched) &&
        stage_begin(reading->stage, fetched->uid)) {
        int64_t now = clock_now_ms();
        mail = inbound_mail_read(fetched->data->str, fetched->data->len);
        stage_end(reading->stage);
        mail->at = fetched->at > 0 ? MIN(fetched->at, now) : now;
        mail->cut = mail->cut || fetched->size > fetched->data->len;
        taking.mail = mail;
        reading->taken++;
    }
    return take(&taking, error);
}

/* False: the store failed. The network's failure ends the run, and stands in the state. */
static bool uid_read(Reading *reading, uint32_t uid, bool *ret_goes_on, GError **error)
{
    g_auto(ImapMail) mail = {0};
    *ret_goes_on = imap_fetch(reading->imap, uid, INBOUND_BYTES_MAX, &mail, &reading->state.result);
    return !*ret_goes_on || mail_take(reading, &mail, error);
}

/* ---- the folder ---- */

/* What somebody wants tried again; the position stays where it is. */
static bool retries_read(Reading *reading, bool *ret_goes_on, GError **error)
{
    *ret_goes_on = true;
    for (int64_t item; *ret_goes_on && (item = stage_retry_next(reading->stage)) > 0;) {
        if (item > reading->position.uid) continue;
        if (!uid_read(reading, (uint32_t)item, ret_goes_on, error)) return false;
    }
    return true;
}

static bool window_read(Reading *reading, uint32_t last, bool *ret_goes_on, GError **error)
{
    g_autoptr(GArray) uids = g_array_new(FALSE, FALSE, sizeof(guint32));
    Position *position = &reading->position;
    *ret_goes_on =
        imap_search(reading->imap, position->uid + 1, last, uids, &reading->state.result);
    for (guint i = 0; *ret_goes_on && i < uids->len; i++) {
        reading->more = reading->taken >= INBOUND_RUN_MAX;
        *ret_goes_on = !reading->more && !job_stopping(reading->job);
        if (!*ret_goes_on) return true;
        if (!uid_read(reading, g_array_index(uids, guint32, i), ret_goes_on, error)) return false;
    }
    if (!*ret_goes_on || position->uid >= last) return true;
    position->uid = last;
    return writer_call(writer_of(reading), WRITER_REST, move_write, position, error);
}

static bool folder_read(Reading *reading, uint32_t uid_next, GError **error)
{
    Position *position = &reading->position;
    bool goes_on = true;
    if (!retries_read(reading, &goes_on, error)) return false;
    for (int window = 0; goes_on && uid_next - 1 > position->uid; window++) {
        uint32_t left = uid_next - 1 - position->uid;
        uint32_t last = position->uid + MIN(left, (uint32_t)IMAP_SEARCH_WINDOW);
        if (window == INBOUND_WINDOWS_MAX) {
            reading->more = true;
            return true;
        }
        if (!window_read(reading, last, &goes_on, error)) return false;
    }
    return true;
}

/* Where reading begins: with the next mail that comes in. */
static bool position_begin(Reading *reading, const ImapFolder *folder, GError **error)
{
    Position *position = &reading->position;
    position->uid_validity = position->first_validity = folder->uid_validity;
    position->uid = folder->uid_next - 1;
    position->since_at = clock_now_ms();
    return writer_call(writer_of(reading), WRITER_REST, begin_write, position, error);
}

static bool position_renumber(Reading *reading, const ImapFolder *folder, GError **error)
{
    Position *position = &reading->position;
    if (position->uid_validity == folder->uid_validity) return true;
    position->uid_validity = folder->uid_validity;
    position->uid = 0;
    return writer_call(writer_of(reading), WRITER_REST, move_write, position, error);
}

static bool mailbox_read(Reading *reading, GError **error)
{
    ImapFolder folder;
    ImapResult *result = &reading->state.result;
    const InboundSource *source = &reading->source;
    ImapOptions options = {.host = source->host,
                           .port = (uint16_t)source->port,
                           .security = source->security,
                           .user = source->user,
                           .password = source->password,
                           .stopping = stopping,
                           .stopping_data = reading};
    reading->imap = imap_open(&options, result);
    if (!reading->imap || !imap_examine(reading->imap, "INBOX", &folder, result)) return true;
    if (!reading->position.begun) return position_begin(reading, &folder, error);
    return position_renumber(reading, &folder, error) &&
           folder_read(reading, folder.uid_next, error);
}

static bool reading_run(Reading *reading, GError **error)
{
    Store *store = reading->inbound->options.store;
    if (!reading_load(reading, error)) return false;
    if (!*reading->source.host) return true;
    reading->stage = stage_open(store, "inbox", error);
    if (!reading->stage || !mailbox_read(reading, error)) return false;
    if (job_stopping(reading->job)) return true;
    reading->state.checked_at = clock_now_ms();
    return writer_call(writer_of(reading), WRITER_REST, state_write, reading, error);
}

bool inbound_run(Inbound *inbound, Job *job, GError **error)
{
    Reading reading = {.inbound = inbound, .job = job};
    if (!g_mutex_trylock(&inbound->reading)) {
        job_again(job, clock_now_ms() + INBOUND_BUSY_MS);
        return true;
    }
    bool done = reading_run(&reading, error);
    g_clear_pointer(&reading.imap, imap_close);
    g_clear_pointer(&reading.stage, stage_free);
    g_mutex_unlock(&inbound->reading);
    if (done && reading.more) job_again(job, clock_now_ms());
    return done;
}
