/* A month of a shop, simulated: what the record of watched segments says is what everybody's truth
 * was, however often the process that keeps it was killed.
 *
 * In random steps of minutes to a day, over the end of a quarter and a change of the clock, people
 * look, buy, cancel and are refunded, often late and out of order; they say who they are and agree
 * or refuse; they are joined, parted and erased. Between what was received and its judging the
 * watch is dropped and opened anew, with or without the store, and in some steps another process
 * begins to judge and is killed, mostly when a part of what came of it has just been written.
 *
 * Checked at the end of each step, before anything else is received, against segments_ask by SQL:
 *   - at the step's last instant everybody is where the record says, and in no segment twice;
 *   - in every THOROUGH_EACH-th step also at its first instant, at every midnight of the business
 *     and the ms before, at POINTS equal distances, and on both sides of EXACT_MAX of the changes
 *     that were recorded in it;
 *   - of every change that was recorded (of JUDGED_MAX a step, with KITH_TEST_LONG) the judge says
 *     that the rule is so from exactly this ms on;
 *   - of rules with ranks in them: right after each ranking everybody is where the record says, and
 *     ranks alone moved nobody at any other instant;
 *   - rules that hear of "Segment Entered" of another learn of the past when it is written: they
 *     are compared at the ends of steps.
 * So a change that is recorded is true to the ms, and one that is missing is found unless another
 * one, missing too, takes it back before the next of these instants.
 * At the end: all who are in; watch_known_at for past instants is what was true when they were now;
 * and the timelines bear each change that was no merge, erasure or beginning once, with its
 * instant, and no other.
 *
 * Not checked: edits of rules (watch_test.c), several receipts of one person at different times
 * judged together (defined in watch.h, not derivable from recomputing), and a kill by loss of power
 * (store/crash_test.c kills the writer).
 *
 * With KITH_TEST_LONG there are LONG_PEOPLE people, and another month is drawn each time. */
#include "segments/month.h"

#include "people/erase.h"
#include "people/trust.h"
#include "segments/feed.h"
#include "segments/judge.h"
#include "segments/watch_private.h"
#include "timeline/personal.h"

#include <gio/gio.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- opening, closing ---- */

static const PersonalTable *const personal[] = {people_personal, timeline_personal,
                                                segments_personal, NULL};

static void watch_begin(Month *month)
{
    g_autoptr(GError) error = NULL;
    TestStore *test = month->shop.test;
    SegmentsOptions options = {.store = test->store,
                               .people = month->shop.people,
                               .timeline = month->shop.timeline,
                               .chunk_rows = CHUNK_ROWS};
    month->segments = segments_new(&options);
    month->truth = segments_new(&options);
    month->files[0] = timeline_personal_file(month->shop.timeline);
    people_set_domains(month->shop.people,
                       &(PeopleDomains){.personal = personal, .files = month->files});
    month->feed = NULL;
    if (month->columns) {
        FeedOptions feed = {
            .store = test->store, .people = month->shop.people, .timeline = month->shop.timeline};
        month->feed = feed_new(&feed, &error);
        g_assert_no_error(error);
        feed_settle(month->feed);
        segments_set_feed(month->segments, month->feed);
    }
    month->watch = watch_new(month->segments, &error);
    g_assert_no_error(error);
}

static void watch_end(Month *month)
{
    watch_free(month->watch);
    segments_free(month->segments);
    segments_free(month->truth);
    feed_free(month->feed);
}

static void settle(Month *month)
{
    g_autoptr(GError) error = NULL;
    int64_t before = month->watch->ranked_at;
    watch_settle(month->watch, &error);
    g_assert_no_error(error);
    int64_t *at = &month->watch->ranked_at;
    month->ranked = *at != before;
    if (month->ranked) g_hash_table_add(month->rankings, g_memdup2(at, sizeof *at));
}

void month_write(Month *month, WriterRun run, void *data)
{
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(month->shop.test->store), WRITER_REST, run, data, &error);
    g_assert_no_error(error);
}

/* ---- the record ---- */

/* In chunks: a reader is cut after its time. */
static const DbStatement stays_some = {
    .name = "stays_some",
    .place = "test",
    .kind = DB_MANY,
    .params = "iii",
    .columns = "iiiiiII",
    .sql = {"SELECT person_id, member_id, segment_id, entered_at, known_at, left_at, left_known_at "
            "FROM segment_member WHERE (person_id, member_id) > (?1, ?2) "
            "ORDER BY person_id, member_id LIMIT ?3",
            "SELECT person_id, member_id, segment_id, entered_at, known_at, left_at, left_known_at "
            "FROM segment_member WHERE (person_id, member_id) > ($1, $2) "
            "ORDER BY person_id, member_id LIMIT $3"}};

static void stay_add(Month *month, DbCursor *cursor)
{
    DbInt left = db_cursor_int(cursor, 5), left_known = db_cursor_int(cursor, 6);
    int64_t segment = db_cursor_i64(cursor, 2);
    Stay stay = {.person = db_cursor_i64(cursor, 0),
                 .member = db_cursor_i64(cursor, 1),
                 .segment = GPOINTER_TO_INT(g_hash_table_lookup(month->places, &segment)) - 1,
                 .entered = db_cursor_i64(cursor, 3),
                 .known = db_cursor_i64(cursor, 4),
                 .left = left.set ? left.value : INT64_MAX,
                 .left_known = left_known.set ? left_known.value : INT64_MAX};
    g_array_append_val(month->stays, stay);
}

/* Tells each row of what a statement says behind two numbers, CHUNK of them at most; how many there
 * were. */
static guint chunk_read(Month *month, const DbStatement *statement, const int64_t after[2],
                        void (*row)(Month *month, DbCursor *cursor))
{
    guint rows = 0;
    g_autoptr(GError) error = NULL;
    g_auto(DbCursor) cursor = {0};
    Store *store = month->shop.test->store;
    DbValue values[] = {db_value_i64(after[0]), db_value_i64(after[1]), db_value_i64(CHUNK)};
    Db *db = store_reader_begin(store, &error);
    g_assert_no_error(error);
    db_open(db, statement, values, &cursor, &error);
    for (; db_cursor_next(&cursor); rows++)
        row(month, &cursor);
    db_cursor_finish(&cursor, &error);
    g_assert_no_error(error);
    store_reader_end(store, db);
    return rows;
}

void month_stays_read(Month *month)
{
    int64_t after[2] = {INT64_MIN, INT64_MIN};
    g_array_set_size(month->stays, 0);
    while (chunk_read(month, &stays_some, after, stay_add) == CHUNK) {
        const Stay *last = &g_array_index(month->stays, Stay, month->stays->len - 1);
        after[0] = last->person;
        after[1] = last->member;
    }
}

/* ---- what is so ---- */

/* Some of the rules. */
typedef struct Span {
    int first, end;
} Span;

static const Span everything = {0, MONTH_SEGMENTS}, unranked = {0, MONTH_RANKS},
                  present = {0, MONTH_HEARS}, ranks = {MONTH_RANKS, MONTH_SEGMENTS};

static SegmentAnswer *ask(const Month *month, Span span, int64_t at)
{
    g_autoptr(GError) error = NULL;
    SegmentAsk question = {
        .rules = month->rules + span.first, .count = (size_t)(span.end - span.first), .at = at};
    SegmentAnswer *answer = segments_ask(month->truth, &question, &error);
    g_assert_no_error(error);
    return answer;
}

static gint id_compare(gconstpointer a, gconstpointer b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Where somebody stands in an answer; -1: nobody. */
static int index_of(const GArray *people, int64_t id)
{
    const int64_t *found =
        people->len ? bsearch(&id, people->data, people->len, sizeof id, id_compare) : NULL;
    return found ? (int)(found - (const int64_t *)(const void *)people->data) : -1;
}

static void differ(Month *month, const char *what, int segment, int64_t person, int64_t at)
{
    g_test_message("S%d, person %" G_GINT64_FORMAT ", %s at start+%" G_GINT64_FORMAT
                   " (step began start+%" G_GINT64_FORMAT ", now start+%" G_GINT64_FORMAT "): %s",
                   segment, person, what, at - MONTH_START, month->from - MONTH_START,
                   clock_now_ms() - MONTH_START, month_rules[segment]);
    for (guint i = 0; i < month->stays->len; i++) {
        const Stay *stay = &g_array_index(month->stays, Stay, i);
        if (stay->person != person || stay->segment != segment) continue;
        g_test_message("    in start+%" G_GINT64_FORMAT " (known +%" G_GINT64_FORMAT
                       ") to start+%" G_GINT64_FORMAT,
                       stay->entered - MONTH_START, stay->known - MONTH_START,
                       stay->left == INT64_MAX ? -1 : stay->left - MONTH_START);
    }
    month->counts.faults++;
}

/* How often everybody is in each of the segments by the record. */
static uint8_t *recorded_at(Month *month, const SegmentAnswer *answer, Span span, int64_t at)
{
    uint8_t *in = g_malloc0((gsize)answer->people->len * MONTH_SEGMENTS);
    for (guint i = 0; i < month->stays->len; i++) {
        const Stay *stay = &g_array_index(month->stays, Stay, i);
        if (at < stay->entered || at >= stay->left) continue;
        if (stay->segment < span.first || stay->segment >= span.end) continue;
        int index = index_of(answer->people, stay->person);
        if (index < 0)
            differ(month, "is nobody, but in", (int)stay->segment, stay->person, at);
        else if (in[(gsize)index * MONTH_SEGMENTS + (gsize)stay->segment]++)
            differ(month, "is in twice", (int)stay->segment, stay->person, at);
    }
    return in;
}

/* Everybody is where the record says. */
static void compare_at(Month *month, Span span, int64_t at)
{
    g_autoptr(SegmentAnswer) answer = ask(month, span, at);
    guint size = answer->people->len;
    g_autofree uint8_t *in = recorded_at(month, answer, span, at);
    for (guint index = 0; index < size; index++)
        for (int segment = span.first; segment < span.end; segment++) {
            bool holds = set_has(answer->sets[segment - span.first], index);
            if (holds == (in[(gsize)index * MONTH_SEGMENTS + (gsize)segment] > 0)) continue;
            differ(month, holds ? "is not recorded, but in" : "is recorded, but not in", segment,
                   g_array_index(answer->people, int64_t, index), at);
        }
    month->counts.points++;
    g_array_set_size(month->people, 0);
    g_array_append_vals(month->people, answer->people->data, size);
}

/* Right after a ranking everybody is where it says. */
static void compare_ranks(Month *month)
{
    if (!month->ranked) return;
    compare_at(month, ranks, clock_now_ms());
    month->counts.rankings++;
}

/* ---- the instants of a step ---- */

static void point_add(GArray *points, int64_t at, int64_t from, int64_t to)
{
    if (at >= from && at <= to) g_array_append_val(points, at);
}

static void midnights_add(const Month *month, GArray *points, int64_t from, int64_t to)
{
    g_autoptr(GError) error = NULL;
    const Zone *zone;
    segments_zone(month->truth, &zone, &error);
    g_assert_no_error(error);
    for (int64_t day = zone_floor(zone, from, ZONE_DAY); day <= to;
         day = zone_add(zone, day, ZONE_DAY, 1)) {
        point_add(points, day - 1, from, to);
        point_add(points, day, from, to);
    }
}

/* Changes that were recorded in ]from, to]. */
static GArray *flips_find(const Month *month, int64_t from, int64_t to)
{
    GArray *flips = g_array_new(FALSE, FALSE, sizeof(Flip));
    for (guint i = 0; i < month->stays->len; i++) {
        const Stay *stay = &g_array_index(month->stays, Stay, i);
        bool hushed = g_hash_table_contains(month->silent, &stay->member);
        Flip enters = {stay->person, stay->entered, (int)stay->segment, true, false};
        Flip leaves = {stay->person, stay->left, (int)stay->segment, false, hushed};
        if (enters.at > from && enters.at <= to) g_array_append_val(flips, enters);
        if (leaves.at > from && leaves.at <= to) g_array_append_val(flips, leaves);
    }
    return flips;
}

static GArray *points_make(const Month *month, const GArray *flips, int64_t from, int64_t to)
{
    GArray *points = g_array_new(FALSE, FALSE, sizeof(int64_t));
    point_add(points, to, from, to);
    if (month->counts.steps % THOROUGH_EACH) return points;
    point_add(points, from, from, to);
    for (int i = 1; i <= POINTS; i++)
        point_add(points, from + (to - from) * i / (POINTS + 1), from, to);
    midnights_add(month, points, from, to);
    for (int i = 0; i < EXACT_MAX && flips->len > 0; i++) {
        int64_t at = g_array_index(flips, Flip, (guint)month_below((int)flips->len)).at;
        point_add(points, at - 1, from, to);
        point_add(points, at, from, to);
    }
    g_array_sort(points, id_compare);
    return points;
}

/* ---- changes, one by one ---- */

static gint flip_compare(gconstpointer a, gconstpointer b)
{
    const Flip *x = a, *y = b;
    if (x->person != y->person) return (x->person > y->person) - (x->person < y->person);
    return (x->at > y->at) - (x->at < y->at);
}

/* Ranks alone move people when they are made, and at no other time. */
static void ranked_judge(Month *month, const Flip *flip)
{
    if (flip->segment >= MONTH_RANKS_MIXED || flip->hushed) return;
    if (!g_hash_table_contains(month->rankings, &flip->at))
        differ(month, "moved without a ranking", flip->segment, flip->person, flip->at);
    month->counts.judged++;
}

/* Who hears of a change in the past hears it when it is written, at the end of a step: what is
 * known now does not tell what was known in between. */
static void flip_judge(Month *month, Judge *judge, const Flip *flip)
{
    bool before, after;
    g_autoptr(GError) error = NULL;
    if (flip->segment >= MONTH_RANKS) {
        ranked_judge(month, flip);
        return;
    }
    if (flip->segment >= MONTH_HEARS) return;
    judge_holds(judge, (size_t)flip->segment, flip->at - 1, &before, &error);
    g_assert_no_error(error);
    judge_holds(judge, (size_t)flip->segment, flip->at, &after, &error);
    g_assert_no_error(error);
    if (before == flip->enters || after != flip->enters)
        differ(month, flip->enters ? "did not come in" : "did not leave", flip->segment,
               flip->person, flip->at);
    month->counts.judged++;
}

static void flips_judge(Month *month, GArray *flips)
{
    g_autoptr(Judge) judge = NULL;
    g_autoptr(GError) error = NULL;
    int64_t person = 0;
    g_array_sort(flips, flip_compare);
    guint count = MIN(flips->len, JUDGED_MAX);
    guint first = (guint)month_below((int)(flips->len - count) + 1);
    for (guint i = first; i < first + count; i++) {
        const Flip *flip = &g_array_index(flips, Flip, i);
        if (flip->person != person) {
            g_clear_pointer(&judge, judge_free);
            JudgeAsk asked = {flip->person, month->rules, MONTH_SEGMENTS, false};
            judge = judge_new(month->truth, &asked, &error);
            g_assert_no_error(error);
        }
        person = flip->person;
        flip_judge(month, judge, flip);
    }
    month->counts.flips += (int)flips->len;
}

/* What was recorded since the last time, while nothing else has been received. */
static void compare(Month *month)
{
    int64_t to = clock_now_ms(), last = INT64_MIN;
    month_stays_read(month);
    g_autoptr(GArray) flips = flips_find(month, month->from, to);
    g_autoptr(GArray) points = points_make(month, flips, month->from, to);
    for (guint i = 0; i < points->len; i++) {
        int64_t at = g_array_index(points, int64_t, i);
        if (at != last) compare_at(month, at == to ? unranked : present, at);
        last = at;
    }
    compare_ranks(month);
    flips_judge(month, flips);
    g_assert_cmpint(month->counts.faults, ==, 0);
    month->from = to;
}

/* What is known of some segments, all having been judged. */
static void note(Month *month)
{
    if (month->counts.steps % NOTES_EACH) return;
    int end = month->ranked ? MONTH_SEGMENTS : MONTH_RANKS;
    g_autoptr(SegmentAnswer) answer = ask(month, everything, clock_now_ms());
    for (int segment = month_below(4); segment < end; segment += 4) {
        Note one = {clock_now_ms(), segment, segment_answer_ids(answer, (size_t)segment)};
        g_array_append_val(month->notes, one);
    }
}

/* ---- the end ---- */

static void notes_compare(Month *month)
{
    People *people = month->shop.people;
    for (guint i = 0; i < month->notes->len; i++) {
        const Note *noted = &g_array_index(month->notes, Note, i);
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strdup_printf("in segment \"S%d\"", noted->segment);
        g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, &error);
        g_autoptr(GArray) known = watch_known_at(month->segments, rule, noted->at, &error);
        g_assert_no_error(error);
        for (guint k = noted->ids->len; k > 0; k--) /* of who was erased nothing is known */
            if (people_is_erased(people, g_array_index(noted->ids, int64_t, k - 1)))
                g_array_remove_index(noted->ids, k - 1);
        for (guint k = 0; k < noted->ids->len || k < known->len; k++) {
            int64_t is = k < known->len ? g_array_index(known, int64_t, k) : 0;
            int64_t was = k < noted->ids->len ? g_array_index(noted->ids, int64_t, k) : 0;
            if (is == was) continue;
            differ(month, is && (!was || is < was) ? "is known to be in" : "is not known in",
                   noted->segment, is && (!was || is < was) ? is : was, noted->at);
            break;
        }
    }
    g_assert_cmpint(month->counts.faults, ==, 0);
}

static const DbStatement told_some = {
    .name = "told_some",
    .place = "test",
    .kind = DB_MANY,
    .params = "iii",
    .columns = "titii",
    .sql = {"SELECT message_id, person_id, name, occurred_at, event_id FROM event JOIN event_name "
            "ON event_name.name_id = event.name_id WHERE name LIKE 'Segment %' AND "
            "(event_id, person_id) > (?1, ?2) ORDER BY event_id, person_id LIMIT ?3",
            "SELECT message_id, person_id, name, occurred_at, event_id FROM event JOIN event_name "
            "ON event_name.name_id = event.name_id WHERE name LIKE 'Segment %' AND "
            "(event_id, person_id) > ($1, $2) ORDER BY event_id, person_id LIMIT $3"}};

/* "MESSAGE PERSON NAME AT" */
static void told_add(Month *month, DbCursor *cursor)
{
    char *line = g_strdup_printf("%s %" G_GINT64_FORMAT " %s %" G_GINT64_FORMAT,
                                 db_cursor_text(cursor, 0), db_cursor_i64(cursor, 1),
                                 db_cursor_text(cursor, 2), db_cursor_i64(cursor, 3));
    if (g_hash_table_contains(month->told, line)) g_test_message("twice: %s", line);
    month->counts.faults += g_hash_table_contains(month->told, line);
    g_hash_table_add(month->told, line);
    month->told_last[0] = db_cursor_i64(cursor, 4);
    month->told_last[1] = db_cursor_i64(cursor, 1);
}

/* All events that the watch wrote. */
static void told_read(Month *month)
{
    month->told_last[0] = month->told_last[1] = INT64_MIN;
    while (chunk_read(month, &told_some, month->told_last, told_add) == CHUNK) {}
}

static void told_expect(Month *month, const Stay *stay, bool enters)
{
    g_autofree char *line = g_strdup_printf(
        "segment-%" G_GINT64_FORMAT "-%s %" G_GINT64_FORMAT " Segment %s %" G_GINT64_FORMAT,
        stay->member, enters ? "entered" : "exited", stay->person, enters ? "Entered" : "Exited",
        enters ? stay->entered : stay->left);
    if (!g_hash_table_remove(month->told, line))
        differ(month, enters ? "was not told of coming in" : "was not told of leaving",
               (int)stay->segment, stay->person, enters ? stay->entered : stay->left);
    month->counts.told++;
}

/* The timelines bear the record's changes, and no others. */
static void told_compare(Month *month)
{
    gpointer line;
    GHashTableIter iter;
    told_read(month);
    for (guint i = 0; i < month->stays->len; i++) {
        const Stay *stay = &g_array_index(month->stays, Stay, i);
        if (stay->known > MONTH_START) told_expect(month, stay, true);
        bool silent = g_hash_table_contains(month->silent, &stay->member);
        if (stay->left != INT64_MAX && !silent) told_expect(month, stay, false);
    }
    g_hash_table_iter_init(&iter, month->told);
    while (g_hash_table_iter_next(&iter, &line, NULL)) {
        g_test_message("told, but not recorded: %s", (const char *)line);
        month->counts.faults++;
    }
    g_assert_cmpint(month->counts.faults, ==, 0);
}

/* ---- kills ---- */

static void nothing(void *data) { (void)data; }

/* Of the process that is killed: it does so itself when this much has been written for good. */
static gint commits_left; /* atomic; 0: it does not */

static void commit_count(void *data)
{
    (void)data;
    if (g_atomic_int_dec_and_test(&commits_left)) kill(getpid(), SIGKILL);
}

/* In a process of its own, which is killed meanwhile or when it has said that it is done. */
static int child_main(char **argv)
{
    TestStore test = {.kind = (DbKind)g_ascii_strtoll(argv[2], NULL, 10),
                      .dir = argv[3],
                      .database = argv[4][0] ? argv[4] : NULL};
    g_autoptr(GError) error = NULL;
    clock_simulate(g_ascii_strtoll(argv[5], NULL, 10));
    test_store_open(&test);
    Month month = {.shop = {.test = &test}, .columns = argv[6][0] == '1'};
    month.shop.people = people_open(test.store, &error);
    g_assert_no_error(error);
    month.shop.timeline = timeline_open(test.store, month.shop.people, &error);
    g_assert_no_error(error);
    watch_begin(&month);
    WriterWatch hook = {nothing, nothing, commit_count, nothing, &month};
    writer_watch(store_writer(test.store), &hook, &error);
    g_assert_no_error(error);
    if (write(STDOUT_FILENO, "b", 1) != 1) return 1;
    g_atomic_int_set(&commits_left, (gint)g_ascii_strtoll(argv[7], NULL, 10));
    watch_settle(month.watch, &error);
    g_assert_no_error(error);
    if (write(STDOUT_FILENO, "e", 1) != 1) return 1;
    pause();
    return 0;
}

/* Another process begins to judge and is killed. The store is closed here. */
static void child_kill(Month *month)
{
    char now[TEXT], kind[TEXT], commits[TEXT], byte;
    bool by_itself = month_below(4) > 0;
    const TestStore *test = month->shop.test;
    g_autoptr(GError) error = NULL;
    g_snprintf(now, sizeof now, "%" G_GINT64_FORMAT, clock_now_ms());
    g_snprintf(kind, sizeof kind, "%d", (int)test->kind);
    g_snprintf(commits, sizeof commits, "%d", by_itself ? 1 + month_below(KILL_COMMITS_MAX) : 0);
    char self[] = "/proc/self/exe", word[] = "--settle", yes[] = "1", no[] = "0", none[] = "";
    char *argv[] = {self,
                    word,
                    kind,
                    test->dir,
                    test->database ? test->database : none,
                    now,
                    month->columns ? yes : no,
                    commits,
                    NULL};
    GPid child;
    int out;
    g_spawn_async_with_pipes(NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &child, NULL,
                             &out, NULL, &error);
    g_assert_no_error(error);
    g_assert_cmpint(read(out, &byte, 1), ==, 1); /* it is at work */
    if (!by_itself) g_usleep((gulong)g_random_int_range(0, 30000));
    if (!by_itself) kill(child, SIGKILL);
    bool done = read(out, &byte, 1) == 1;
    if (done) kill(child, SIGKILL);
    month->counts.halfway += !done;
    month->counts.kills++;
    close(out);
    g_assert_cmpint(waitpid(child, NULL, 0), ==, child);
}

/* What was received is not judged yet: whoever does it goes. */
static void drop(Month *month)
{
    int way = month_below(14);
    if (way > 5) return;
    watch_end(month);
    month->counts.drops++;
    if (way < 3) {
        shop_end(&month->shop);
        test_store_close(month->shop.test);
        month->counts.reopened++;
        for (int times = way; times > 0; times--)
            child_kill(month);
        test_store_open(month->shop.test);
        shop_begin(&month->shop);
    }
    watch_begin(month);
}

/* ---- the month ---- */

static bool business_run(Db *db, void *none, GError **error)
{
    (void)none;
    Business business = {.currency = "EUR", .zone = "Europe/Berlin", .language = "en"};
    return business_save(db, &business, MONTH_START, error);
}

static void segments_fill(Month *month)
{
    g_autoptr(GError) error = NULL;
    for (int i = 0; i < MONTH_SEGMENTS; i++) {
        g_autofree char *name = g_strdup_printf("S%d", i);
        month->rules[i] = rule_parse(slice_of(month_rules[i]), NULL, &error);
        g_assert_no_error(error);
        saved_create(month->segments, &fixture_actor, name, month_rules[i], &month->ids[i], &error);
        g_assert_no_error(error);
        watch_pin(month->watch, &fixture_actor, month->ids[i], true, &error);
        g_assert_no_error(error);
        g_hash_table_insert(month->places, &month->ids[i], GINT_TO_POINTER(i + 1));
    }
}

static void month_open(Month *month, TestStore *test, bool columns)
{
    clock_simulate(MONTH_START);
    int few = test->kind == DB_POSTGRES ? POSTGRES_PEOPLE : PEOPLE;
    int users = g_getenv("KITH_TEST_LONG") ? LONG_PEOPLE : few;
    *month = (Month){.users = users,
                     .users_max = users + users / 3,
                     .columns = columns,
                     .from = MONTH_START,
                     .places = g_hash_table_new(g_int64_hash, g_int64_equal),
                     .silent = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                     .rankings = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL),
                     .told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                     .stays = g_array_new(FALSE, FALSE, sizeof(Stay)),
                     .people = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                     .orders = g_array_new(FALSE, FALSE, sizeof(Order)),
                     .merges = g_array_new(FALSE, FALSE, sizeof(int64_t)),
                     .notes = g_array_new(FALSE, FALSE, sizeof(Note)),
                     .gone = g_new0(bool, 2 * (gsize)users),
                     .batch = g_string_new(NULL)};
    shop_open(&month->shop, test);
    month_write(month, business_run, NULL);
    month_fill(month);
    watch_begin(month);
    segments_fill(month);
    settle(month);
    compare(month);
    clock_advance(CLOCK_MINUTE_MS); /* what is known from now on was not at the beginning */
    settle(month);
    compare(month);
}

static void month_close(Month *month)
{
    watch_end(month);
    shop_end(&month->shop);
    for (int i = 0; i < MONTH_SEGMENTS; i++)
        rule_free((Rule *)(void *)month->rules[i]);
    for (guint i = 0; i < month->notes->len; i++)
        g_array_unref(g_array_index(month->notes, Note, i).ids);
    g_hash_table_unref(month->places);
    g_hash_table_unref(month->silent);
    g_hash_table_unref(month->told);
    g_hash_table_unref(month->rankings);
    g_array_unref(month->stays);
    g_array_unref(month->people);
    g_array_unref(month->orders);
    g_array_unref(month->merges);
    g_array_unref(month->notes);
    g_string_free(month->batch, TRUE);
    g_free(month->gone);
    clock_restore();
}

/* Minutes to a day. */
static int64_t step_ms(void)
{
    switch (month_below(8)) {
    case 0:
        return (1 + month_below(90)) * (int64_t)CLOCK_MINUTE_MS;
    case 1:
        return (1 + month_below(24)) * (int64_t)CLOCK_HOUR_MS + month_below(3) - 1;
    default:
        return CLOCK_DAY_MS - month_below((int)(CLOCK_DAY_MS / 2));
    }
}

/* What is received is judged at once, or when the next step is over. */
static void step(Month *month)
{
    bool at_once = month_below(4) == 0;
    if (month->users < month->users_max) month->users++; /* somebody new */
    if (!at_once) note(month);
    month_receive(month, 2 + month->users / 30);
    if (at_once) {
        settle(month);
        note(month);
        month_stays_read(month);
        compare_ranks(month);
    }
    clock_advance(step_ms());
    drop(month);
    settle(month);
    compare(month);
    month->counts.steps++;
    if (month->users > PEOPLE * 4)
        g_test_message("step %d: %d changes so far, at start+%" G_GINT64_FORMAT,
                       month->counts.steps, month->counts.flips, clock_now_ms() - MONTH_START);
}

static void counts_tell(const Month *month)
{
    const Counts *counts = &month->counts;
    g_test_message("%u people, %d segments, %d steps: %d messages (%d late), %d merges, %d undone, "
                   "%d erasures; dropped %d times, %d with the store, %d processes killed, %d of "
                   "them at work",
                   month->people->len, MONTH_SEGMENTS, counts->steps, counts->events, counts->late,
                   counts->merges, counts->undos, counts->erasures, counts->drops, counts->reopened,
                   counts->kills, counts->halfway);
    g_test_message("%d changes, %d judged one by one; everybody asked at %d instants, and at "
                   "%d rankings; %u notes of what was known; %d events told",
                   counts->flips, counts->judged, counts->points, counts->rankings,
                   month->notes->len, counts->told);
}

static void month_passes(TestStore *test, bool columns)
{
    Month month;
    g_autoptr(GError) error = NULL;
    month_open(&month, test, columns);
    while (clock_now_ms() < MONTH_END)
        step(&month);
    people_erase_all(month.shop.people, &error);
    g_assert_no_error(error);
    settle(&month);
    compare(&month);
    notes_compare(&month);
    told_compare(&month);
    counts_tell(&month);
    month_close(&month);
}

static void month_by_sql(TestStore *test) { month_passes(test, false); }

static void month_with_columns(TestStore *test) { month_passes(test, true); }

int main(int argc, char **argv)
{
    char seed[] = "--seed=R02S00000000000000000000000000000007";
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    if (argc > 7 && g_str_equal(argv[1], "--settle")) return child_main(argv);
    g_ptr_array_add(words, argv[0]);
    if (!g_getenv("KITH_TEST_LONG")) g_ptr_array_add(words, seed);
    for (int i = 1; i < argc; i++)
        g_ptr_array_add(words, argv[i]);
    int count = (int)words->len;
    g_ptr_array_add(words, NULL);
    char **list = (char **)(void *)words->pdata;
    g_test_init(&count, &list, NULL);
    test_store_add_on(DB_SQLITE, "/segments/month/sql", month_by_sql);
    test_store_add("/segments/month/columns", month_with_columns);
    return g_test_run();
}
