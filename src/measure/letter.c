#include "measure/letter.h"

#include "base/clock.h"
#include "base/ids.h"
#include "delivery/notice.h"
#include "measure/day.h"
#include "measure/kpi.h"
#include "measure/letter_sql.h"
#include "measure/letter_words.h"
#include "measure/measure_sql.h"

#include <string.h>

enum { WEEK_DAYS = 7, KEY_SIZE = 64 };
enum { LETTER_MAILING_DAYS = 3 /* no message ends later after the start of its mailing */ };

void letter_clear(Letter *letter)
{
    g_free(letter->subject);
    g_free(letter->text);
    g_free(letter->html);
    *letter = (Letter){0};
}

void letter_week(const Zone *zone, int64_t at, char ret_week[LETTER_WEEK_SIZE])
{
    int year, month, day;
    int64_t thursday = view_day_of(zone, zone_floor(zone, at, ZONE_WEEK)) + 3;
    civil_from_days(thursday, &year, &month, &day);
    int week = (int)(thursday - days_from_civil(year, 1, 1)) / WEEK_DAYS + 1;
    g_snprintf(ret_week, LETTER_WEEK_SIZE, "%04d-W%02d", year, week);
}

/* ---- what there is to say ---- */

static int64_t count_of(const KpiReport *report, KpiName name)
{
    double value = report->values[name].value;
    return value == value ? (int64_t)value : 0;
}

/* Names of those who bought most in the week; an address where no name is known. */
static bool thanks_read(Measure *measure, const View *view, const KpiScope *scope,
                        GPtrArray *thanks, GError **error)
{
    g_autoptr(GArray) members = kpi_members(view, scope, KPI_CUSTOMERS);
    Db *db = store_reader_begin(measure_store(measure), error);
    bool done = db != NULL;
    for (guint i = 0; done && i < members->len && thanks->len < LETTER_THANKS; i++) {
        SummaryOfRow row = {0};
        bool found = false;
        SummaryOfParams params = {g_array_index(members, KpiMember, i).person};
        done = sql_summary_of(db, &params, &row, &found, error);
        const char *name = done && found ? row.name : NULL;
        if (name && *name) g_ptr_array_add(thanks, g_strdup(name));
    }
    if (db) store_reader_end(measure_store(measure), db);
    g_ptr_array_add(thanks, NULL);
    return done;
}

static void quiet_count(const View *view, const KpiReport *report, LetterFacts *facts)
{
    g_autoptr(GArray) members = kpi_members(view, &report->scope, KPI_QUIET_GOOD);
    facts->quiet = members->len;
    for (guint i = 0; i < members->len; i++)
        facts->quiet_stake += g_array_index(members, KpiMember, i).weight;
}

static void figures_count(const KpiReport *report, const KpiReport *before, LetterFacts *facts)
{
    facts->orders = count_of(report, KPI_ORDERS) + count_of(report, KPI_ORDERS_UNKNOWN);
    facts->orders_before = count_of(before, KPI_ORDERS) + count_of(before, KPI_ORDERS_UNKNOWN);
    facts->revenue = count_of(report, KPI_REVENUE_ALL);
    facts->revenue_before = count_of(before, KPI_REVENUE_ALL);
    facts->customers = count_of(report, KPI_CUSTOMERS);
    facts->customers_new = count_of(report, KPI_NEW_CUSTOMERS);
}

static bool messages_count(Db *db, int64_t from, int64_t to, LetterFacts *facts, GError **error)
{
    LetterMessagesParams params = {from - LETTER_MAILING_DAYS * CLOCK_DAY_MS, from, to};
    LetterMessagesRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_letter_messages_open(db, &params, &cursor, error)) return false;
    while (sql_letter_messages_next(&cursor, &row)) {
        if (strcmp(row.state, "accepted") == 0)
            facts->sent += row.count;
        else
            facts->unsent[letter_why(row.state, row.reason)] += row.count;
    }
    return db_cursor_finish(&cursor, error);
}

/* What was sent to customers in the week, and what not. */
static bool sent_count(Measure *measure, const View *view, LetterFacts *facts, GError **error)
{
    int64_t to = zone_floor(view->zone, clock_now_ms(), ZONE_WEEK);
    LetterMailingsParams params = {zone_add(view->zone, to, ZONE_DAY, -WEEK_DAYS), to};
    LetterMailingsRow row = {0};
    bool found = false;
    Db *db = store_reader_begin(measure_store(measure), error);
    if (!db) return false;
    bool done = sql_letter_mailings(db, &params, &row, &found, error) &&
                messages_count(db, params.from, params.to, facts, error);
    store_reader_end(measure_store(measure), db);
    facts->mailings = row.count;
    return done;
}

bool letter_write(Measure *measure, const LetterReader *reader, Letter *ret_letter, GError **error)
{
    KpiReport report, before;
    g_autoptr(GPtrArray) thanks = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(View) view = measure_view(measure, NULL, error);
    if (!view) return false;
    if (view->facts->order_count == 0) return true;
    int32_t monday = view_day_of(view->zone, zone_floor(view->zone, clock_now_ms(), ZONE_WEEK));
    KpiPeriod week = {monday - WEEK_DAYS, monday}, earlier = {week.from - WEEK_DAYS, week.from};
    kpi_report_init(&report, view, &week);
    kpi_report_again(&before, &report, view, &earlier);
    if (!thanks_read(measure, view, &report.scope, thanks, error)) return false;
    g_autofree char *link =
        reader->base_url ? g_strconcat(reader->base_url, "/people?kpi=quiet_good", NULL) : NULL;
    LetterFacts facts = {.language = reader->language,
                         .name = reader->name,
                         .link = link,
                         .currency = view->facts->origin.currency,
                         .stale = view->as_of_day <= week.from,
                         .newest_day = view->as_of_day - 1,
                         .from = week.from,
                         .to = week.to,
                         .thanks = (const char *const *)thanks->pdata};
    figures_count(&report, &before, &facts);
    quiet_count(view, &report, &facts);
    if (!sent_count(measure, view, &facts, error)) return false;
    ret_letter->subject = letter_subject(&facts);
    ret_letter->text = letter_text(&facts);
    ret_letter->html = notice_html(reader->language, ret_letter->text);
    return true;
}

/* ---- sending ---- */

static void key_of(const char *what, int64_t account_id, char out[KEY_SIZE])
{
    g_snprintf(out, KEY_SIZE, "letter.%s.%" G_GINT64_FORMAT, what, account_id);
}

static bool setting_is(Db *db, const char *name, const char *value, bool *ret_is, GError **error)
{
    MeasureSettingRow row = {0};
    bool found = false;
    if (!sql_measure_setting(db, &(MeasureSettingParams){name}, &row, &found, error)) return false;
    *ret_is = found && strcmp(row.value, value) == 0;
    return true;
}

typedef struct LetterWork {
    Delivery *delivery;
    int64_t account_id, now;
    const char *week;
    const Letter *letter;
} LetterWork;

/* Mark and job together; the mark is looked at again, another process may have been here. */
static bool letter_add(Db *db, void *data, GError **error)
{
    const LetterWork *work = data;
    char mark[KEY_SIZE];
    bool written = false;
    UserMail mail = {.kind = USER_MAIL_LETTER,
                     .account_id = work->account_id,
                     .subject = work->letter->subject,
                     .text = work->letter->text,
                     .html = work->letter->html};
    key_of("week", work->account_id, mark);
    if (!setting_is(db, mark, work->week, &written, error)) return false;
    if (written) return true;
    g_autofree char *key =
        g_strdup_printf("letter.%" G_GINT64_FORMAT ".%s", work->account_id, work->week);
    LetterSettingPutParams put = {.name = mark, .value = work->week, .at = work->now};
    return sql_letter_setting_put(db, &put, NULL, error) &&
           delivery_user_mail_add(work->delivery, db, &mail, key, error);
}

typedef struct Owner {
    int64_t account_id;
    char name[128], language[8];
} Owner;

static bool owner_is_due(Db *db, const Owner *owner, const char *week, bool *ret_due,
                         GError **error)
{
    char off[KEY_SIZE], mark[KEY_SIZE];
    bool unwanted = false, written = false;
    key_of("off", owner->account_id, off);
    key_of("week", owner->account_id, mark);
    if (!setting_is(db, off, "1", &unwanted, error) || !setting_is(db, mark, week, &written, error))
        return false;
    *ret_due = !unwanted && !written;
    return true;
}

/* Owners who want this week's letter and have none. */
static bool owners_read(Db *db, const char *week, GArray *owners, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    LetterOwnersRow row;
    if (!sql_letter_owners_open(db, &cursor, error)) return false;
    while (sql_letter_owners_next(&cursor, &row)) {
        Owner owner = {.account_id = row.account_id};
        bool due = false;
        g_strlcpy(owner.name, row.name, sizeof owner.name);
        g_strlcpy(owner.language, row.language, sizeof owner.language);
        if (!owner_is_due(db, &owner, week, &due, error)) return false;
        if (due) g_array_append_val(owners, owner);
    }
    return db_cursor_finish(&cursor, error);
}

static bool owner_write(Measure *measure, Delivery *delivery, const Owner *owner,
                        const LetterReader *reader, LetterWork *work, GError **error)
{
    g_auto(Letter) letter = {0};
    if (!letter_write(measure, reader, &letter, error)) return false;
    if (!letter.text) return true;
    work->delivery = delivery;
    work->account_id = owner->account_id;
    work->letter = &letter;
    return writer_call(store_writer(measure_store(measure)), WRITER_TIMER, letter_add, work, error);
}

static bool is_time(const Zone *zone, int64_t now)
{
    Calendar local;
    zone_calendar(zone, now, &local);
    return local.weekday <= LETTER_WEEKDAY_MAX && (local.weekday > 1 || local.hour >= LETTER_HOUR);
}

bool letters_send(Measure *measure, Delivery *delivery, const char *base_url, int64_t now,
                  GError **error)
{
    char week[LETTER_WEEK_SIZE];
    MeasureBusiness business;
    MailWay way;
    g_autoptr(GArray) owners = g_array_new(FALSE, FALSE, sizeof(Owner));
    if (!measure_business(measure, &business, error) || !delivery_way(delivery, &way, error))
        return false;
    if (way == MAIL_WAY_NONE || !is_time(business.zone, now)) return true;
    letter_week(business.zone, now, week);
    Db *db = store_reader_begin(measure_store(measure), error);
    if (!db) return false;
    bool done = owners_read(db, week, owners, error);
    store_reader_end(measure_store(measure), db);
    for (guint i = 0; done && i < owners->len; i++) {
        const Owner *owner = &g_array_index(owners, Owner, i);
        LetterReader reader = {owner->language, owner->name, base_url};
        LetterWork work = {.now = now, .week = week};
        done = owner_write(measure, delivery, owner, &reader, &work, error);
    }
    return done;
}
