/* Imports as shops send them: what is recognised, what is assumed, what becomes of each row. */
#include <string.h>

#include "base/error.h"
#include "timeline/import_fixture.h"
#include "timeline/import_group.h"

#define EUR_BERLIN                                                                                 \
    {                                                                                              \
        .date_order = -1, .decimal = -1, .currency = "EUR", .zone = "Europe/Berlin"                \
    }

static int64_t number(ImportBench *bench, const char *sql)
{
    return test_store_number(bench->test, sql);
}

/* ---- any CSV ------------------------------------------------------------------------------ */

static const char german[] =
    "Rechnungsnummer;Artikelnummer;Bezeichnung;Menge;Rechnungsdatum;Einzelpreis;Kundennummer;"
    "Land\r\n"
    "536365;85123A;HERZ;6;01.12.2010 08:26;2,55;17850.0;Vereinigtes K\xF6nigreich\r\n"
    "536365;71053;LATERNE;6;01.12.2010 08:26;3,39;17850.0;Vereinigtes K\xF6nigreich\r\n"
    "536366;22633;HANDW\xC4RMER;1.000;13.12.2010 09:00;1,85;;Deutschland\r\n"
    "C536379;D;RABATT;-1;14.12.2010 09:41;27,50;17850.0;Vereinigtes K\xF6nigreich\r\n";

static void german_file_is_understood(TestStore *test)
{
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(&bench, "export.csv", german);
    int64_t id = import_bench_run(&bench, path, &options);
    json_t *json = imports_json(bench.imports, id, NULL);
    json_t *assumed = json_object_get(json, "assumed");
    g_assert_cmpstr(json_string_value(json_object_get(assumed, "delimiter")), ==, ";");
    g_assert_cmpstr(json_string_value(json_object_get(assumed, "encoding")), ==, "Windows-1252");
    g_assert_cmpstr(json_string_value(json_object_get(assumed, "date_order")), ==, "dmy");
    g_assert_true(json_is_true(json_object_get(assumed, "decimal_comma")));
    json_decref(json);
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 2);
    g_assert_cmpint(import_bench_count(&bench, id, "refunds"), ==, 1);
    g_assert_cmpint(import_bench_count(&bench, id, "nobody"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT revenue FROM orders WHERE order_key = '536365'"), ==,
                    3564);
    g_assert_cmpint(number(&bench, "SELECT revenue FROM orders WHERE person_id = 0"), ==, 185000);
    g_assert_cmpint(number(&bench, "SELECT amount FROM refund"), ==, 2750);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM refund WHERE order_id IS NULL"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM identity WHERE value = '17850'"), ==, 1);
    import_bench_clear(&bench);
}

static void columns_are_mapped_by_hand_and_kept(TestStore *test)
{
    static const char first[] = "nr|wann|wer|was|wie viel|macht\n1|2024-01-02|7|Tee|2|4,50\n";
    static const char next[] = "nr|wann|wer|was|wie viel|macht\n2|2024-01-03|7|Tee|1|2,25\n";
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    options.kind = IMPORT_ORDERS;
    options.mapping =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "order", "nr", "date", "wann", "customer_id",
                  "wer", "item", "was", "quantity", "wie viel", "line_total", "macht");
    g_autofree char *path = import_bench_file(&bench, "first.csv", first);
    import_bench_run(&bench, path, &options);
    json_decref(options.mapping);
    options.mapping = NULL;
    g_autofree char *again = import_bench_file(&bench, "next.csv", next);
    import_bench_run(&bench, again, &options);
    g_assert_cmpint(number(&bench, "SELECT sum(revenue) FROM orders"), ==, 675);
    g_assert_cmpint(number(&bench, "SELECT count(DISTINCT person_id) FROM orders"), ==, 1);
    import_bench_clear(&bench);
}

/* ---- twice, late, duplicate --------------------------------------------------------------- */

static void duplicates_in_a_file_are_kept_twice_changes_nothing(TestStore *test)
{
    static const char file[] = "order_id,date,customer_id,sku,quantity,price\n"
                               "1,2024-01-02,7,A,1,5.00\n"
                               "1,2024-01-02,7,A,1,5.00\n"
                               "1,2024-01-02,7,B,-1,2.00\n"
                               "2,2024-01-03,7,A,0,5.00\n"
                               "3,2024-01-03,7,A,-2,5.00\n";
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(&bench, "a.csv", file);
    for (int i = 0; i < 3; i++) {
        int64_t id = import_bench_run(&bench, path, &options);
        g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, i == 0);
        g_assert_cmpint(import_bench_count(&bench, id, "refunds"), ==, i == 0 ? 2 : 0);
        g_assert_cmpint(import_bench_count(&bench, id, "updated"), ==, 0);
        g_assert_cmpint(number(&bench, "SELECT revenue FROM orders"), ==, 1000);
        g_assert_cmpint(number(&bench, "SELECT net_revenue FROM orders"), ==, 800);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM order_line"), ==, 2);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM orders"), ==, 1);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM event"), ==, 3);
        g_assert_cmpint(number(&bench, "SELECT amount FROM refund WHERE refund_key = '3'"), ==,
                        1000);
    }
    import_bench_clear(&bench);
}

/* Lines of one order so far apart that it was closed meanwhile. */
static void late_lines_join_their_order(TestStore *test)
{
    GString *file = g_string_new("order_id,date,customer_id,sku,quantity,price\n");
    g_string_append(file, "first,2024-01-02,7,A,1,5.00\n");
    for (int i = 0; i < GROUP_ORDERS_MAX + 500; i++)
        g_string_append_printf(file, "%d,2024-01-02,%d,A,1,1.00\n", i, i % 50);
    g_string_append(file, "first,2024-01-02,7,B,1,2.50\n");
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(&bench, "late.csv", file->str);
    g_string_free(file, TRUE);
    for (int i = 0; i < 2; i++) {
        import_bench_run(&bench, path, &options);
        g_assert_cmpint(number(&bench, "SELECT revenue FROM orders WHERE order_key = 'first'"), ==,
                        750);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM orders"), ==, GROUP_ORDERS_MAX + 501);
        g_assert_cmpint(number(&bench, "SELECT count(*) FROM order_line"), ==,
                        GROUP_ORDERS_MAX + 502);
    }
    import_bench_clear(&bench);
}

/* ---- bad rows ----------------------------------------------------------------------------- */

static void bad_rows_are_set_aside(TestStore *test)
{
    GString *file = g_string_new("order_id,date,customer_id,item,quantity,price,currency\n"
                                 "1,2024-01-02,7,=cmd|calc,x,5.00,EUR\n"
                                 "2,0000-01-02,7,A,1,5.00,EUR\n"
                                 "3,292278994-01-01,7,A,1,5.00,EUR\n"
                                 "4,2024-01-02,7,A,1,99999999999999999999,EUR\n"
                                 "5,2024-01-02,7,A,1,5.00,QQQ\n"
                                 ",2024-01-02,7,A,1,5.00,EUR\n"
                                 "7,,7,A,1,5.00,EUR\n"
                                 "8,2024-01-02,7,\xFF,1,5.00,EUR\n"
                                 "9,2024-01-02,7,A,1,5.00,EUR\n");
    g_string_append(file, "");
    for (int i = 0; i < 300; i++)
        g_string_append_c(file, 'k');
    g_string_append(file, ",2024-01-02,7,A,1,5.00,EUR\n");
    /* Valid UTF-8 far behind: the file counts as UTF-8, so that \xFF is a bad line of it. */
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(&bench, "bad.csv", "\xEF\xBB\xBF");
    FILE *out = fopen(path, "ab");
    fwrite(file->str, 1, file->len, out);
    fclose(out);
    g_string_free(file, TRUE);
    int64_t id = import_bench_run(&bench, path, &options);
    g_assert_cmpint(import_bench_count(&bench, id, "orders"), ==, 1);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 9);
    g_autofree char *rejected_path = imports_rejected_path(bench.imports, id, NULL);
    g_assert_true(g_str_has_suffix(rejected_path, "/bad.rejected.csv"));
    g_autofree char *rejected = NULL;
    g_assert_true(g_file_get_contents(rejected_path, &rejected, NULL, NULL));
    g_assert_true(g_str_has_prefix(rejected, "line,reason,order_id,"));
    g_assert_nonnull(strstr(rejected, "\n2,\"quantity: number \"\"x\"\""));
    g_assert_nonnull(strstr(rejected, "\"'=cmd|calc\""));
    g_assert_nonnull(strstr(rejected, "the year is outside 1970 to 9999"));
    g_assert_nonnull(strstr(rejected, "there is no date"));
    g_assert_nonnull(strstr(rejected, "not valid UTF-8"));
    import_bench_clear(&bench);
}

static void files_that_are_none_say_so(TestStore *test)
{
    static const struct {
        const char *why, *content, *want;
    } cases[] = {
        {"nothing at all", "", "is empty"},
        {"a spreadsheet", "PK\x03\x04rest", "spreadsheet"},
        {"a database", "SQLite format 3", "database"},
        {"nothing we know", "red,green\n1,2\n", "cannot tell what is in this file"},
        {"no zone", "order_id,date,price\n1,2024-01-01,2\n", "missing the time zone"},
    };
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = {.date_order = -1, .decimal = -1};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        int64_t id = 0;
        g_test_message("%s", cases[i].why);
        g_autofree char *path = import_bench_file(&bench, "x.csv", cases[i].content);
        ImportFile file = {.name = "x.csv", .path = path, .options = &options, .again = true};
        bool added = imports_add(bench.imports, &file, &id, &error) &&
                     imports_run(bench.imports, id, NULL, NULL, &error);
        g_assert_false(added);
        g_assert_nonnull(strstr(error->message, cases[i].want));
    }
    import_bench_clear(&bench);
}

/* ---- the other kinds ---------------------------------------------------------------------- */

static void customers_products_rates_events(TestStore *test)
{
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *customers = import_bench_file(
        &bench, "customers.csv",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Tags\n"
        "'1,Ann,Lee,ann@example.com,yes,+49 30 123456,vip\n"
        "2,Ben,Ray,,no,,\n"
        ",,,,no,,\n");
    g_autofree char *products =
        import_bench_file(&bench, "products.csv", "sku,title,category,price\nT1,Tea,Drinks,4.50\n");
    g_autofree char *rates =
        import_bench_file(&bench, "rates.csv", "currency,date,rate\nUSD,2024-01-01,0.9\n");
    g_autofree char *orders = import_bench_file(
        &bench, "usd.csv", "order_id,date,total,currency,email\n1,2024-02-01,10.00,USD,b@c.de\n");
    g_autofree char *events = import_bench_file(
        &bench, "events.csv",
        "event,timestamp,user_id,properties\n"
        "Product Viewed,2024-01-01T10:00:00Z,2,\"{\"\"category\"\":\"\"shoes\"\"}\"\n");
    int64_t id = import_bench_run(&bench, customers, &options);
    g_assert_cmpint(import_bench_count(&bench, id, "customers"), ==, 2);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM consent WHERE state = 'granted'"), ==, 1);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM identity WHERE value = '1'"), ==, 1);
    id = import_bench_run(&bench, customers, &options);
    g_assert_cmpint(import_bench_count(&bench, id, "unchanged"), ==, 2);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM consent"), ==, 1);
    import_bench_run(&bench, products, &options);
    g_assert_cmpint(number(&bench, "SELECT price FROM product WHERE product_key = 'T1'"), ==, 450);
    import_bench_run(&bench, orders, &options);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM orders WHERE base_revenue IS NULL"), ==,
                    1);
    import_bench_run(&bench, rates, &options);
    g_assert_cmpint(number(&bench, "SELECT base_revenue FROM orders"), ==, 900);
    import_bench_run(&bench, events, &options);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM event e JOIN event_name n ON n.name_id = "
                                   "e.name_id WHERE n.name = 'Product Viewed'"),
                    ==, 1);
    import_bench_clear(&bench);
}

/* ---- stopping ----------------------------------------------------------------------------- */

static bool stop_soon(void *context, const ImportProgress *progress)
{
    (void)context;
    return progress->rows < 3000;
}

static void stopped_goes_on(TestStore *test)
{
    enum { ROWS = 12000 };
    GString *file = g_string_new("order_id,date,customer_id,sku,quantity,price\n");
    for (int i = 0; i < ROWS; i++)
        g_string_append_printf(file, "%d,2024-01-02,%d,A,1,1.00\n", i / 2, i % 500);
    ImportBench bench;
    import_bench_init(&bench, test);
    ImportOptions options = EUR_BERLIN;
    g_autofree char *path = import_bench_file(&bench, "long.csv", file->str);
    g_string_free(file, TRUE);
    g_autoptr(GError) error = NULL;
    int64_t id, again;
    ImportFile input = {.name = "long.csv", .path = path, .options = &options, .again = true};
    g_assert_true(imports_add(bench.imports, &input, &id, &error));
    g_assert_false(imports_run(bench.imports, id, stop_soon, NULL, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    g_clear_error(&error);
    import_bench_close(&bench);
    test_store_reopen(test);
    import_bench_open(&bench);
    g_assert_true(imports_add(bench.imports, &input, &again, &error));
    g_assert_cmpint(again, ==, id);
    g_assert_true(imports_run(bench.imports, id, NULL, NULL, &error));
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM orders"), ==, ROWS / 2);
    g_assert_cmpint(number(&bench, "SELECT sum(revenue) FROM orders"), ==, ROWS * 100);
    g_assert_cmpint(number(&bench, "SELECT count(*) FROM event"), ==, ROWS / 2);
    import_bench_clear(&bench);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    test_store_add("/import/german", german_file_is_understood);
    test_store_add("/import/mapping", columns_are_mapped_by_hand_and_kept);
    test_store_add("/import/twice", duplicates_in_a_file_are_kept_twice_changes_nothing);
    test_store_add("/import/late", late_lines_join_their_order);
    test_store_add("/import/bad_rows", bad_rows_are_set_aside);
    test_store_add("/import/bad_files", files_that_are_none_say_so);
    test_store_add("/import/kinds", customers_products_rates_events);
    test_store_add("/import/stopped", stopped_goes_on);
    return g_test_run();
}
