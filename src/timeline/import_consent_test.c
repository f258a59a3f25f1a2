/* Lists of permissions and refusals as other systems export them, and the files people mix up. */
#include <string.h>

#include "base/clock.h"
#include "people/permission.h"
#include "timeline/import_fixture.h"
#include "timeline/import_words.h"
#include "timeline/order_basis.h"

static void open_with_orders(ImportBench *bench, TestStore *test)
{
    import_bench_init(bench, test);
    PeopleOrders orders = orders_basis(bench->orders);
    people_set_orders(bench->people, &orders);
}

static int64_t run_as(ImportBench *bench, const char *name, const char *text, ImportKind kind)
{
    ImportOptions options = IMPORT_OPTIONS_NONE;
    options.kind = kind;
    g_autofree char *path = import_bench_file(bench, name, text);
    GError *error = NULL;
    int64_t import_id;
    ImportFile file = {.name = name, .path = path, .options = &options};
    imports_add(bench->imports, &file, &import_id, &error);
    g_assert_no_error(error);
    imports_run(bench->imports, import_id, NULL, NULL, &error);
    g_assert_no_error(error);
    return import_id;
}

/* Why an address may (not) be written to; "nobody" when no person has it. */
static const char *why(ImportBench *bench, const char *address)
{
    int64_t person_id = people_find(bench->people, IDENTITY_EMAIL, 0, slice_of(address));
    if (!person_id) return "nobody";
    PermissionQuery query = {person_id, NULL, "email", PERMISSION_TOPIC, clock_now_ms()};
    Permission answer;
    Db *db = store_reader_begin(bench->test->store, NULL);
    g_assert_true(people_permission(bench->people, db, &query, &answer, NULL));
    store_reader_end(bench->test->store, db);
    return permission_reason_name(answer.reason);
}

static int64_t ledger_rows(ImportBench *bench)
{
    return test_store_number(bench->test, "SELECT (SELECT COUNT(*) FROM consent) * 1000 + "
                                          "(SELECT COUNT(*) FROM address_consent)");
}

/* ---- words -------------------------------------------------------------------------------- */

static void every_word_is_in_the_table(void)
{
    static const struct {
        const char *cell;
        ImportWord word;
    } cases[] = {
        {"yes", WORD_YES},
        {"ja", WORD_YES},
        {" JA ", WORD_YES},
        {"oui", WORD_YES},
        {"1", WORD_YES},
        {"TRUE", WORD_YES},
        {"x", WORD_YES},
        {"SUBSCRIBED", WORD_YES},
        {"no", WORD_NO},
        {"Nein", WORD_NO},
        {"0", WORD_NO},
        {"FALSE", WORD_NO},
        {"", WORD_NOTHING},
        {"  ", WORD_NOTHING},
        {"leer", WORD_NOTHING},
        {"empty", WORD_NOTHING},
        {"NULL", WORD_NOTHING},
        {"NEVER_SUBSCRIBED", WORD_NOTHING},
        {"pending", WORD_PENDING},
        {"UNSUBSCRIBED", WORD_UNSUBSCRIBED},
        {"abgemeldet", WORD_UNSUBSCRIBED},
        {"blocklisted", WORD_UNSUBSCRIBED},
        {"hard_bounce", WORD_BOUNCED},
        {"spam", WORD_COMPLAINED},
        {"cleaned", WORD_CLEANED},
        {"vielleicht", WORD_UNKNOWN},
        {"2", WORD_UNKNOWN},
        {"yes, but", WORD_UNKNOWN},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].cell);
        g_assert_cmpint(import_word(slice_of(cases[i].cell)), ==, cases[i].word);
    }
}

/* ---- vendors ------------------------------------------------------------------------------ */

/* https://mailchimp.com/help/view-export-contacts/ : an audience is exported as three files, with
 * the columns below; what "cleaned" means:
 * http://kb.mailchimp.com/lists/managing-subscribers/view-unsubscribed-and-cleaned-addresses */
#define MAILCHIMP_TAIL                                                                             \
    "MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,"  \
    "TIMEZONE,CC,REGION,LAST_CHANGED,"
static const char mailchimp_subscribed[] =
    "Email Address,First Name,Last Name," MAILCHIMP_TAIL "LEID,EUID,NOTES,TAGS\n"
    "ann@example.com,Ann,Lee,2,\"2023-01-02 10:00:00\",192.0.2.1,\"2023-01-02 10:05:00\","
    "192.0.2.1,,,,,,de,,\"2023-01-02 10:05:00\",1,a1,,\n"
    "ben@example.com,Ben,Ray,2,\"2023-01-02 10:00:00\",192.0.2.1,\"2023-01-02 10:05:00\","
    "192.0.2.1,,,,,,de,,\"2023-01-02 10:05:00\",2,a2,,\n";
static const char mailchimp_unsubscribed[] =
    "Email Address,First Name,Last Name," MAILCHIMP_TAIL
    "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,"
    "NOTES,TAGS\n"
    "ben@example.com,Ben,Ray,2,,,,,,,,,,de,,,\"2024-05-06 07:08:09\",Spring,c1,NORMAL,,2,a2,,\n"
    "eve@example.com,Eve,Poe,2,,,,,,,,,,de,,,\"2024-05-06 07:08:09\",Spring,c1,NORMAL,,3,a3,,\n";
static const char mailchimp_cleaned[] =
    "Email Address,First Name,Last Name," MAILCHIMP_TAIL
    "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n"
    "ann@example.com,Ann,Lee,2,,,,,,,,,,de,,,\"2024-05-06 07:08:09\",Spring,c1,1,a1,,\n";

static void mailchimp_as_exported(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    int64_t id = run_as(&bench, "subscribed_members_export.csv", mailchimp_subscribed, IMPORT_AUTO);
    g_assert_cmpint(import_bench_count(&bench, id, "customers"), ==, 2);
    g_assert_cmpstr(why(&bench, "ann@example.com"), ==, "granted");
    run_as(&bench, "unsubscribed_members_export.csv", mailchimp_unsubscribed, IMPORT_AUTO);
    g_assert_cmpstr(why(&bench, "ben@example.com"), ==, "unsubscribed");
    g_assert_cmpstr(why(&bench, "eve@example.com"), ==, "nobody");
    run_as(&bench, "cleaned_members_export.csv", mailchimp_cleaned, IMPORT_AUTO);
    g_assert_cmpstr(why(&bench, "ann@example.com"), ==, "cleaned");
    g_assert_cmpint(test_store_number(test, "SELECT MAX(occurred_at) FROM address_consent "
                                            "WHERE reason = 'cleaned'"),
                    ==, 1714979289000);
    run_as(&bench, "eve.csv", "Email,Name\neve@example.com,Eve\n", IMPORT_CUSTOMERS);
    g_assert_cmpstr(why(&bench, "eve@example.com"), ==, "unsubscribed");
    int64_t rows = ledger_rows(&bench);
    run_as(&bench, "subscribed_members_export.csv", mailchimp_subscribed, IMPORT_AUTO);
    run_as(&bench, "unsubscribed_members_export.csv", mailchimp_unsubscribed, IMPORT_AUTO);
    run_as(&bench, "cleaned_members_export.csv", mailchimp_cleaned, IMPORT_AUTO);
    g_assert_cmpint(ledger_rows(&bench), ==, rows);
    g_autofree char *log = g_build_filename(test->dir, "never.log", NULL);
    g_autofree char *never = NULL;
    g_assert_true(g_file_get_contents(log, &never, NULL, NULL));
    g_assert_nonnull(strstr(never, " unsubscribed\n"));
    g_assert_null(strstr(never, "example.com"));
    import_bench_clear(&bench);
}

static void others_as_exported(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    /* Columns and words: https://help.klaviyo.com/hc/en-us/articles/360043841811 and
     * https://developers.klaviyo.com/en/docs/collect_email_and_sms_consent_via_api */
    run_as(&bench, "klaviyo.csv",
           "Email,First Name,Last Name,Phone Number,Email Marketing Consent,"
           "Email Marketing Consent Timestamp,Source\n"
           "k1@example.com,A,B,,SUBSCRIBED,2024-01-01T00:00:00Z,form\n"
           "k2@example.com,A,B,,UNSUBSCRIBED,2024-01-01T00:00:00Z,form\n"
           "k3@example.com,A,B,,NEVER_SUBSCRIBED,,form\n",
           IMPORT_AUTO);
    g_assert_cmpstr(why(&bench, "k1@example.com"), ==, "granted");
    g_assert_cmpstr(why(&bench, "k2@example.com"), ==, "nobody");
    /* The columns every export has and the two of the subscription status:
     * https://developers.brevo.com/reference/request-contact-export */
    run_as(&bench, "brevo.csv",
           "EMAIL,FIRSTNAME,LASTNAME,SMS,email_marketing,sms_marketing,ADDED_TIME,MODIFIED_TIME\n"
           "b1@example.com,A,B,,subscribed,,2024-01-01 00:00:00,2024-01-01 00:00:00\n"
           "b2@example.com,A,B,,unsubscribed,,2024-01-01 00:00:00,2024-01-01 00:00:00\n",
           IMPORT_AUTO);
    g_assert_cmpstr(why(&bench, "b1@example.com"), ==, "granted");
    /* https://github.com/knadh/listmonk/blob/master/cmd/subscribers.go (handleExportSubscribers);
     * "enabled" is no permission: https://github.com/knadh/listmonk/issues/2855 */
    int64_t id = run_as(&bench, "subscribers.csv",
                        "uuid,email,name,attributes,status,created_at,updated_at\n"
                        "u1,l1@example.com,Ann,{},enabled,2024-01-01 00:00:00 +0000 UTC,"
                        "2024-01-01 00:00:00 +0000 UTC\n"
                        "u2,k1@example.com,Kim,{},blocklisted,2024-01-01 00:00:00 +0000 UTC,"
                        "2024-01-01 00:00:00 +0000 UTC\n",
                        IMPORT_AUTO);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 0);
    g_assert_cmpstr(why(&bench, "l1@example.com"), ==, "nobody");
    g_assert_cmpstr(why(&bench, "k1@example.com"), ==, "unsubscribed");
    import_bench_clear(&bench);
}

/* ---- a shop's own column ------------------------------------------------------------------ */

static void a_column_with_all_sorts_of_words(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    int64_t id = run_as(&bench, "kunden.csv",
                        "Email;Name;Newsletter\n"
                        "a@example.com;A;ja\nb@example.com;B;nein\nc@example.com;C;1\n"
                        "d@example.com;D;TRUE\ne@example.com;E;\nf@example.com;F;leer\n"
                        "g@example.com;G;vielleicht\nh@example.com;H;abgemeldet\n",
                        IMPORT_CUSTOMERS);
    static const char *const want[][2] = {
        {"a@example.com", "granted"},  {"b@example.com", "declined"},
        {"c@example.com", "granted"},  {"d@example.com", "granted"},
        {"e@example.com", "no_basis"}, {"f@example.com", "no_basis"},
        {"g@example.com", "nobody"},   {"h@example.com", "unsubscribed"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(want); i++) {
        g_test_message("%s", want[i][0]);
        g_assert_cmpstr(why(&bench, want[i][0]), ==, want[i][1]);
    }
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 1);
    g_autofree char *path = imports_rejected_path(bench.imports, id, NULL), *rejected = NULL;
    g_assert_true(g_file_get_contents(path, &rejected, NULL, NULL));
    g_assert_nonnull(strstr(rejected, "8;"));
    g_assert_nonnull(strstr(rejected, "vielleicht"));
    import_bench_clear(&bench);
}

/* The export of orders, asked only who agreed at the checkout; of several orders the latest counts.
 * Its further lines of an order say nothing.
 * https://help.shopify.com/en/manual/fulfillment/managing-orders/exporting-orders */
static void orders_asked_who_agreed(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    static const char orders[] =
        "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Total,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Billing Name\n"
        "#1,a@example.com,paid,,yes,EUR,10.00,2024-01-02 10:00:00 +0100,1,Tea,5.00,Ann\n"
        "#1,a@example.com,,,,,,2024-01-02 10:00:00 +0100,1,Cup,5.00,\n"
        "#2,b@example.com,paid,,yes,EUR,10.00,2024-01-02 10:00:00 +0100,1,Tea,10.00,Ben\n"
        "#3,b@example.com,refunded,,no,EUR,10.00,2024-02-02 10:00:00 +0100,1,Tea,10.00,Ben\n";
    int64_t id = run_as(&bench, "orders_export.csv", orders, IMPORT_CONSENTS);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 0);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "granted");
    g_assert_cmpstr(why(&bench, "b@example.com"), ==, "declined");
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM event"), ==, 0);
    /* A table of orders of any shop: the state of an order is no word of permission. */
    id = run_as(&bench, "bestellungen.csv",
                "Email,Order Status,Newsletter\nc@example.com,completed,ja\n", IMPORT_CONSENTS);
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 0);
    g_assert_cmpstr(why(&bench, "c@example.com"), ==, "granted");
    import_bench_clear(&bench);
}

static void a_yes_that_becomes_a_no(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    static const char yes[] = "Email,Newsletter\na@example.com,yes\n";
    static const char no[] = "Email,Newsletter\na@example.com,no\n";
    run_as(&bench, "one.csv", yes, IMPORT_CUSTOMERS);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "granted");
    run_as(&bench, "two.csv", no, IMPORT_CUSTOMERS);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "declined");
    int64_t rows = ledger_rows(&bench);
    run_as(&bench, "three.csv", no, IMPORT_CUSTOMERS);
    g_assert_cmpint(ledger_rows(&bench), ==, rows);
    run_as(&bench, "list.csv", "email,status\na@example.com,subscribed\n", IMPORT_CONSENTS);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "granted");
    run_as(&bench, "gone.csv", "email,reason\nA@Example.com,spam\n", IMPORT_SUPPRESSIONS);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "complained");
    run_as(&bench, "list2.csv", "email,status,name\na@example.com,subscribed,A\n", IMPORT_CONSENTS);
    run_as(&bench, "four.csv", yes, IMPORT_CUSTOMERS);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "complained");
    import_bench_clear(&bench);
}

/* ---- files that are not what they are said to be ------------------------------------------- */

static void refusals_uploaded_as_customers(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    static const struct {
        const char *why, *name, *text;
    } cases[] = {
        {"by its columns", "members.csv", mailchimp_unsubscribed},
        {"by its name", "Abgemeldete Kunden.csv", "Email,Name\na@example.com,A\n"},
        {"by its name", "bounced-2024.csv", "Email\na@example.com\n"},
        {"by what it says", "list.csv",
         "Email,State\na@example.com,unsubscribed\nb@example.com,bounced\nc@example.com,spam\n"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = import_bench_file(&bench, cases[i].name, cases[i].text);
        ImportOptions options = IMPORT_OPTIONS_NONE;
        options.kind = IMPORT_CUSTOMERS;
        g_autoptr(GError) error = NULL;
        g_autoptr(ImportPlan) plan = imports_plan(bench.imports, path, &options, NULL);
        g_test_message("%s", cases[i].why);
        g_assert_nonnull(plan);
        g_assert_false(import_plan_check(plan, &error));
        g_assert_nonnull(strstr(error->message, "suppressions"));
        options.not_suppressions = true;
        g_autoptr(ImportPlan) sure = imports_plan(bench.imports, path, &options, NULL);
        g_assert_true(import_plan_check(sure, NULL));
        options = (ImportOptions)IMPORT_OPTIONS_NONE;
        g_autoptr(ImportPlan) open = imports_plan(bench.imports, path, &options, NULL);
        g_assert_cmpint(open->kind, ==, IMPORT_SUPPRESSIONS);
    }
    import_bench_clear(&bench);
}

static void a_list_that_says_nothing(TestStore *test)
{
    ImportBench bench;
    open_with_orders(&bench, test);
    g_autofree char *path =
        import_bench_file(&bench, "news.csv", "email\na@example.com\nno mail\n");
    ImportOptions options = IMPORT_OPTIONS_NONE;
    options.kind = IMPORT_CONSENTS;
    g_autoptr(ImportPlan) plan = imports_plan(bench.imports, path, &options, NULL);
    g_autoptr(GError) error = NULL;
    g_assert_false(import_plan_check(plan, &error));
    g_strlcpy(options.says, "subscribed", sizeof options.says);
    int64_t id = import_bench_run(&bench, path, &options);
    g_assert_cmpstr(why(&bench, "a@example.com"), ==, "granted");
    g_assert_cmpint(import_bench_count(&bench, id, "rejected"), ==, 1);
    import_bench_clear(&bench);
}

static void many_addresses(TestStore *test)
{
    /* Fewer where every statement is a round trip, or every access is checked. */
#ifdef __SANITIZE_ADDRESS__
    const int addresses = 5000;
#else
    const int addresses = test->database ? 5000 : 50000;
#endif
    ImportBench bench;
    open_with_orders(&bench, test);
    g_autoptr(GString) list = g_string_new("email,status\n");
    for (int i = 0; i < addresses; i++)
        g_string_append_printf(list, "p%d@example.com,%s\n", i, i % 5 < 2 ? "bounced" : "yes");
    int64_t began = clock_monotonic_us();
    int64_t id = run_as(&bench, "all.csv", list->str, IMPORT_CONSENTS);
    int64_t imported = clock_monotonic_us();
    g_autoptr(PermissionCount) count =
        people_permission_count(bench.people, "email", PERMISSION_TOPIC, NULL, NULL);
    int64_t counted = clock_monotonic_us();
    g_test_message("%d addresses: imported in %d ms, counted in %d ms", addresses,
                   (int)((imported - began) / 1000), (int)((counted - imported) / 1000));
    g_assert_cmpint(import_bench_count(&bench, id, "items"), ==, addresses);
    g_assert_cmpint(count->counts[PERMISSION_GRANTED], ==, addresses * 3 / 5);
    g_assert_cmpint(count->entries->len, ==, addresses * 3 / 5);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM address_consent "
                                            "WHERE reason = 'bounced'"),
                    ==, addresses * 2 / 5);
    g_assert_cmpint(test_store_number(test, "SELECT COUNT(*) FROM event"), ==, 0);
    import_bench_clear(&bench);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/timeline/import/words", every_word_is_in_the_table);
    test_store_add("/timeline/import/mailchimp", mailchimp_as_exported);
    test_store_add("/timeline/import/lists", others_as_exported);
    test_store_add("/timeline/import/column", a_column_with_all_sorts_of_words);
    test_store_add("/timeline/import/orders-asked", orders_asked_who_agreed);
    test_store_add("/timeline/import/becomes", a_yes_that_becomes_a_no);
    test_store_add("/timeline/import/mixed-up", refusals_uploaded_as_customers);
    test_store_add("/timeline/import/silent", a_list_that_says_nothing);
    test_store_add("/timeline/import/many", many_addresses);
    return g_test_run();
}
