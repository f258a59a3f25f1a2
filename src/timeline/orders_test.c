#include "timeline/orders.h"

#include "store/testdb.h"
#include "timeline/business.h"
#include "timeline/order_fold.h"
#include "timeline/rates.h"

#include <locale.h>
#include <string.h>

/* A timeline that only counts: what orders ask of it is the point here. */
typedef struct FakeTimeline {
    int64_t next_id;
    int completed, refunded, cancelled, moved;
} FakeTimeline;

static bool fake_append(void *context, Db *db, const OrderEvent *event, int64_t *ret_event_id,
                        GError **error)
{
    (void)db;
    (void)error;
    FakeTimeline *timeline = context;
    timeline->completed += strcmp(event->name, "Order Completed") == 0;
    timeline->refunded += strcmp(event->name, "Order Refunded") == 0;
    timeline->cancelled += strcmp(event->name, "Order Cancelled") == 0;
    *ret_event_id = ++timeline->next_id;
    return true;
}

static bool fake_move(void *context, Db *db, int64_t from, int64_t to, int64_t *in_out_event_id,
                      GError **error)
{
    (void)db;
    (void)from;
    (void)to;
    (void)error;
    FakeTimeline *timeline = context;
    timeline->moved++;
    *in_out_event_id = ++timeline->next_id;
    return true;
}

static const OrderEvents fake_events = {fake_append, fake_move};

enum { SOURCE_FILE = 10, SOURCE_SERVER = 11, SOURCE_PUBLIC = 12, SOURCE_SHOP = 13 };
enum { DAY_1 = 1600000000, HOUR = 3600 };
#define AT(hours) ((DAY_1 + (int64_t)(hours)*HOUR) * 1000)

typedef struct Bench {
    TestStore *test;
    People *people;
    Orders *orders;
    FakeTimeline timeline;
} Bench;

static void bench_init(Bench *bench, TestStore *test)
{
    *bench = (Bench){.test = test, .timeline = {.next_id = 1000}};
    bench->people = people_open(test->store, NULL);
    g_assert_nonnull(bench->people);
    bench->orders = orders_new(test->store, bench->people, &fake_events, &bench->timeline);
    g_free(test_store_sql(test, "INSERT INTO setting (name, value, changed_at) VALUES "
                                "('business.currency', 'EUR', 0)"));
}

static void bench_clear(Bench *bench)
{
    orders_free(bench->orders);
    people_free(bench->people);
}

typedef struct ReportCall {
    Bench *bench;
    const OrderReport *report;
    const RefundReport *refund;
    OrderOutcome outcome;
    RefundOutcome refunded;
    bool import;
} ReportCall;

static bool report_run(Db *db, void *data, GError **error)
{
    ReportCall *call = data;
    Orders *orders = call->bench->orders;
    if (call->refund) return refunds_report(orders, db, call->refund, &call->refunded, error);
    return call->import ? orders_import(orders, db, call->report, &call->outcome, error)
                        : orders_report(orders, db, call->report, &call->outcome, error);
}

static bool try_report(Bench *bench, const OrderReport *report, OrderOutcome *ret_outcome)
{
    ReportCall call = {.bench = bench, .report = report};
    g_autoptr(GError) error = NULL;
    bool done =
        writer_call(store_writer(bench->test->store), WRITER_REST, report_run, &call, &error);
    if (done) *ret_outcome = call.outcome;
    return done;
}

static OrderOutcome report(Bench *bench, const OrderReport *report)
{
    OrderOutcome outcome;
    g_assert_true(try_report(bench, report, &outcome));
    return outcome;
}

static OrderOutcome import(Bench *bench, const OrderReport *said)
{
    ReportCall call = {.bench = bench, .report = said, .import = true};
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(bench->test->store), WRITER_REST, report_run, &call, &error);
    g_assert_no_error(error);
    return call.outcome;
}

static RefundOutcome refund(Bench *bench, const RefundReport *report)
{
    ReportCall call = {.bench = bench, .refund = report};
    g_autoptr(GError) error = NULL;
    writer_call(store_writer(bench->test->store), WRITER_REST, report_run, &call, &error);
    g_assert_no_error(error);
    return call.refunded;
}

static void expect(Bench *bench, const char *sql, const char *want)
{
    g_autofree char *got = test_store_sql(bench->test, sql);
    g_assert_cmpstr(got, ==, want);
}

static OrderReport order_of(Slice key, int64_t source_id, Trust trust, int64_t revenue)
{
    return (OrderReport){.shop_id = 1,
                         .order_key = key,
                         .source_id = source_id,
                         .trust = trust,
                         .currency = "EUR",
                         .revenue = db_int(revenue),
                         .occurred_at = db_int(AT(0)),
                         .received_at = AT(1)};
}

static void the_most_trusted_word_wins_in_any_order(TestStore *test)
{
    static const int orders_of_arrival[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                               {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    Bench bench;
    bench_init(&bench, test);
    for (size_t i = 0; i < G_N_ELEMENTS(orders_of_arrival); i++) {
        g_autofree char *key = g_strdup_printf("A%zu", i);
        OrderReport said[3] = {order_of(slice_of(key), SOURCE_PUBLIC, TRUST_TRACK, 99),
                               order_of(slice_of(key), SOURCE_SERVER, TRUST_INGEST, 2000),
                               order_of(slice_of(key), SOURCE_FILE, TRUST_FILE, 2500)};
        said[1].coupon = SLICE("SPRING");
        said[2].occurred_at = db_int(AT(-5));
        for (int j = 0; j < 3; j++)
            report(&bench, &said[orders_of_arrival[i][j]]);
        g_autofree char *sql = g_strdup_printf(
            "SELECT revenue || ' ' || base_net || ' ' || coupon || ' ' || occurred_at || ' ' || "
            "confirmed FROM orders WHERE order_key = '%s'",
            key);
        g_autofree char *want = g_strdup_printf("2500 2500 SPRING %" G_GINT64_FORMAT " 1", AT(-5));
        expect(&bench, sql, want);
    }
    expect(&bench, "SELECT COUNT(*) FROM orders", "6");
    g_assert_cmpint(bench.timeline.completed, ==, 6);
    bench_clear(&bench);
}

static void the_same_again_changes_nothing(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    g_assert_true(report(&bench, &said).created);
    said.received_at = AT(50);
    OrderOutcome again = report(&bench, &said);
    g_assert_false(again.created);
    g_assert_false(again.changed);
    said.event_id = 7;
    said.completed = true;
    said.source_id = SOURCE_SERVER;
    said.trust = TRUST_INGEST;
    OrderOutcome by_server = report(&bench, &said);
    g_assert_false(by_server.append);
    g_assert_false(by_server.changed);
    g_assert_cmpint(bench.timeline.completed, ==, 1);
    bench_clear(&bench);
}

static void a_public_key_alone_counts_nowhere(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport said = order_of(SLICE("1"), SOURCE_PUBLIC, TRUST_TRACK, 1000000);
    said.event_id = 5;
    said.completed = true;
    g_assert_true(report(&bench, &said).append);
    expect(&bench, "SELECT confirmed FROM orders", "0");
    OrderReport server = order_of(SLICE("1"), SOURCE_SERVER, TRUST_INGEST, 1000);
    report(&bench, &server);
    expect(&bench, "SELECT confirmed || ' ' || revenue FROM orders", "1 1000");
    bench_clear(&bench);
}

/* A refund R1 of order 1. */
static RefundReport refund_of(int64_t amount)
{
    return (RefundReport){.shop_id = 1,
                          .refund_key = SLICE("R1"),
                          .order_key = SLICE("1"),
                          .source_id = SOURCE_FILE,
                          .trust = TRUST_FILE,
                          .currency = "EUR",
                          .amount = amount,
                          .occurred_at = AT(5),
                          .received_at = AT(6)};
}

static void refunds_wait_for_their_order(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    RefundReport back = refund_of(300);
    g_assert_true(refund(&bench, &back).waiting);
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    report(&bench, &said);
    expect(&bench, "SELECT revenue || ' ' || net_revenue FROM orders", "1000 700");
    expect(&bench, "SELECT COUNT(*) FROM refund_waiting", "0");
    g_assert_false(refund(&bench, &back).changed);
    back.refund_key = SLICE("R2");
    back.amount = 0; /* the rest of it */
    g_assert_true(refund(&bench, &back).created);
    expect(&bench, "SELECT net_revenue FROM orders", "0");
    g_assert_cmpint(bench.timeline.refunded, ==, 2);
    bench_clear(&bench);
}

static void a_refund_without_an_order_stands_alone(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    report(&bench, &said);
    RefundReport back = {.shop_id = 1,
                         .refund_key = SLICE("C7"),
                         .source_id = SOURCE_FILE,
                         .trust = TRUST_FILE,
                         .currency = "EUR",
                         .amount = 300,
                         .occurred_at = AT(5),
                         .received_at = AT(6)};
    g_assert_false(refund(&bench, &back).waiting);
    expect(&bench, "SELECT net_revenue FROM orders", "1000");
    expect(&bench, "SELECT base_amount FROM refund", "300");
    bench_clear(&bench);
}

static void a_refund_stays_with_its_order(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    said.stem = 4711;
    report(&bench, &said);
    said.order_key = SLICE("2");
    said.stem = 4712;
    report(&bench, &said);
    RefundReport back = refund_of(300);
    refund(&bench, &back);
    static const char nets[] = "SELECT (SELECT net_revenue FROM orders WHERE order_key = '1') || "
                               "' ' || (SELECT net_revenue FROM orders WHERE order_key = '2')";
    expect(&bench, nets, "700 1000");
    back.order_key = (Slice){0}; /* told again by somebody else, without its order */
    back.stem = 4712;
    back.amount = 250;
    refund(&bench, &back);
    expect(&bench, nets, "750 1000");
    expect(&bench, "SELECT person_id FROM refund", "4711");
    back.order_key = SLICE("2");
    refund(&bench, &back);
    expect(&bench, nets, "1000 750");
    expect(&bench, "SELECT person_id FROM refund", "4712");
    back.amount = 0; /* all of it */
    refund(&bench, &back);
    expect(&bench, nets, "1000 0");
    back.order_key = SLICE("9"); /* nobody knows it */
    back.amount = 100;
    g_assert_true(refund(&bench, &back).waiting);
    expect(&bench, nets, "1000 1000");
    bench_clear(&bench);
}

static void a_buyer_who_becomes_known_takes_all_along(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderLine lines[] = {{1, SLICE("SKU"), SLICE("Linen shirt"), {0}, 1000000, 10000000, 1000}};
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    said.lines = lines;
    said.line_count = 1;
    report(&bench, &said);
    RefundReport back = refund_of(100);
    refund(&bench, &back);
    OrderReport server = order_of(SLICE("1"), SOURCE_SERVER, TRUST_INGEST, 1000);
    server.stem = 4711;
    g_assert_cmpint(report(&bench, &server).person_id, ==, 4711);
    expect(&bench, "SELECT person_id || ' ' || net_revenue FROM orders", "4711 900");
    expect(&bench, "SELECT person_id FROM order_line", "4711");
    expect(&bench, "SELECT person_id FROM refund", "4711");
    expect(&bench, "SELECT COUNT(*) FROM order_report WHERE person_id = 4711", "2");
    g_assert_cmpint(bench.timeline.moved, ==, 2);
    bench_clear(&bench);
}

static void late_lines_are_added_once(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderLine first[] = {{2, SLICE("A"), SLICE("A"), {0}, 1000000, 10000000, 1000},
                         {3, SLICE("A"), SLICE("A"), {0}, 1000000, 10000000, 1000}};
    OrderLine late[] = {{9, SLICE("B"), SLICE("B"), {0}, 1000000, 5000000, 500}};
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 0);
    said.revenue = (DbInt){0};
    said.import_id = 1;
    said.lines = first;
    said.line_count = 2;
    import(&bench, &said);
    said.lines = late;
    said.line_count = 1;
    import(&bench, &said);
    import(&bench, &said); /* resumed after a kill */
    expect(&bench, "SELECT revenue || ' ' || item_count FROM orders", "2500 3");
    said.import_id = 2; /* the next file says anew what it knows */
    import(&bench, &said);
    expect(&bench, "SELECT revenue || ' ' || item_count FROM orders", "500 1");
    bench_clear(&bench);
}

static void cancelling_takes_the_money_back(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport cancel = {.shop_id = 1,
                          .order_key = SLICE("1"),
                          .source_id = SOURCE_SHOP,
                          .trust = TRUST_SHOP,
                          .cancelled_at = db_int(AT(9)),
                          .received_at = AT(9)};
    report(&bench, &cancel); /* it may arrive first */
    OrderReport said = order_of(SLICE("1"), SOURCE_SHOP, TRUST_SHOP, 1000);
    report(&bench, &said);
    expect(&bench, "SELECT state || ' ' || revenue || ' ' || net_revenue FROM orders",
           "cancelled 1000 0");
    g_assert_cmpint(bench.timeline.cancelled, ==, 1);
    g_assert_cmpint(bench.timeline.completed, ==, 1);
    bench_clear(&bench);
}

static void bad_reports_are_refused(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    static char long_key[ORDER_KEY_BYTES_MAX + 1];
    memset(long_key, 'x', sizeof long_key);
    OrderReport cases[] = {
        order_of(SLICE(""), SOURCE_FILE, TRUST_FILE, 1),
        order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 0),
        order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, -5),
        order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 5),
        order_of((Slice){long_key, sizeof long_key}, SOURCE_FILE, TRUST_FILE, 1)};
    g_strlcpy(cases[3].currency, "QQQ", CURRENCY_SIZE);
    OrderOutcome outcome;
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_false(try_report(&bench, &cases[i], &outcome));
    expect(&bench, "SELECT COUNT(*) FROM orders", "0");
    expect(&bench, "SELECT COUNT(*) FROM order_key", "0");
    OrderReport longest =
        order_of((Slice){long_key, ORDER_KEY_BYTES_MAX}, SOURCE_FILE, TRUST_FILE, 1);
    g_assert_true(try_report(&bench, &longest, &outcome));
    bench_clear(&bench);
}

static bool rate_run(Db *db, void *data, GError **error)
{
    Bench *bench = data;
    if (!rate_set(db, "GBP", AT(-48) / 86400000, 1150000000, error)) return false;
    OrderRebase at = {.person_id = INT64_MIN};
    while (!at.over)
        if (!orders_rebase(bench->orders, db, &at, error)) return false;
    return true;
}

static void an_unknown_rate_is_filled_later(TestStore *test)
{
    Bench bench;
    bench_init(&bench, test);
    OrderReport said = order_of(SLICE("1"), SOURCE_FILE, TRUST_FILE, 1000);
    g_strlcpy(said.currency, "GBP", CURRENCY_SIZE);
    report(&bench, &said);
    expect(&bench, "SELECT COALESCE(base_revenue, -1) FROM orders", "-1");
    g_assert_true(writer_call(store_writer(test->store), WRITER_REST, rate_run, &bench, NULL));
    expect(&bench, "SELECT base_revenue FROM orders", "1150");
    bench_clear(&bench);
}

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    g_test_init(&argc, &argv, NULL);
    test_store_add("/orders/trust", the_most_trusted_word_wins_in_any_order);
    test_store_add("/orders/again", the_same_again_changes_nothing);
    test_store_add("/orders/public-key", a_public_key_alone_counts_nowhere);
    test_store_add("/orders/refund-first", refunds_wait_for_their_order);
    test_store_add("/orders/refund-alone", a_refund_without_an_order_stands_alone);
    test_store_add("/orders/refund-stays", a_refund_stays_with_its_order);
    test_store_add("/orders/known-later", a_buyer_who_becomes_known_takes_all_along);
    test_store_add("/orders/late-lines", late_lines_are_added_once);
    test_store_add("/orders/cancel", cancelling_takes_the_money_back);
    test_store_add("/orders/refused", bad_reports_are_refused);
    test_store_add("/orders/rates", an_unknown_rate_is_filled_later);
    return g_test_run();
}
