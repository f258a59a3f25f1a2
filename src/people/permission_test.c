/* May this person be written to, and if not, why not: the cases, the count against the single
 * answer, and random histories against a model that knows nothing of stems and tables. */
#include "people/permission.h"

#include "people/attestation.h"
#include "people/consent.h"
#include "people/erase.h"
#include "people/people_state.h"
#include "people/people_test.h"
#include "people/personal.h"
#include "people/trait.h"

enum { SECOND = 1000 };

/* ---- a shop whose orders the test makes up ---- */

typedef struct FakeOrders {
    GHashTable *last; /* stem -> time */
    int64_t version;
} FakeOrders;

static bool fake_last(void *context, Db *db, int64_t stem, int64_t *ret_at, GError **error)
{
    (void)db, (void)error;
    FakeOrders *orders = context;
    int64_t *at = g_hash_table_lookup(orders->last, &stem);
    *ret_at = at ? *at : 0;
    return true;
}

static int order_compare(const void *a, const void *b)
{
    int64_t x = ((const PeopleOrder *)a)->stem, y = ((const PeopleOrder *)b)->stem;
    return x < y ? -1 : x > y;
}

static bool fake_after(void *context, Db *db, int64_t after, int64_t rows, GArray *out,
                       GError **error)
{
    (void)db, (void)error, (void)rows;
    FakeOrders *orders = context;
    GHashTableIter iter;
    void *key, *value;
    g_hash_table_iter_init(&iter, orders->last);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        PeopleOrder order = {*(int64_t *)key, *(int64_t *)value};
        if (order.stem > after) g_array_append_val(out, order);
    }
    g_array_sort(out, order_compare);
    return true;
}

static int64_t fake_version(void *context) { return ((FakeOrders *)context)->version; }

typedef struct Shop {
    World world;
    FakeOrders orders;
} Shop;

static const PersonalTable *const personal[] = {people_personal, NULL};

static void shop_open(Shop *shop, TestStore *test)
{
    world_open(&shop->world, test);
    shop->orders =
        (FakeOrders){.last = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, g_free)};
    PeopleOrders orders = {&shop->orders, fake_last, fake_after, fake_version};
    people_set_orders(shop->world.people, &orders);
    people_set_domains(shop->world.people, &(PeopleDomains){.personal = personal});
}

static void shop_close(Shop *shop)
{
    g_hash_table_unref(shop->orders.last);
    world_close(&shop->world);
}

static void bought(Shop *shop, int64_t stem, int64_t at)
{
    g_hash_table_insert(shop->orders.last, g_memdup2(&stem, sizeof stem),
                        g_memdup2(&at, sizeof at));
    shop->orders.version++;
}

/* ---- acts ---- */

typedef struct Put {
    People *people;
    ConsentInput input;
} Put;

static bool put_run(Db *db, void *data, GError **error)
{
    Put *put = data;
    return people_consent_put(put->people, db, &put->input, error);
}

static void say(Shop *shop, ConsentInput input)
{
    if (!input.channel) input.channel = "email";
    if (!input.topic) input.topic = PERMISSION_TOPIC;
    if (!input.actor) input.actor = "test";
    if (!input.source_id) input.source_id = 7;
    if (!input.trust) input.trust = TRUST_FILE;
    if (!input.occurred_at) input.occurred_at = clock_now_ms();
    input.received_at = input.occurred_at;
    Put put = {shop->world.people, input};
    world_write(&shop->world, put_run, &put);
}

typedef struct Ordered {
    People *people;
    const char *address;
} Ordered;

static bool ordered_run(Db *db, void *data, GError **error)
{
    Ordered *call = data;
    return people_address_ordered(call->people, db, IDENTITY_EMAIL, slice_of(call->address), error);
}

typedef struct Country {
    People *people;
    int64_t stem;
    const char *json;
} Country;

static bool country_run(Db *db, void *data, GError **error)
{
    Country *call = data;
    TraitValue trait = {SLICE("country"), slice_of(call->json)};
    TraitReport report = {call->stem, 1, TRUST_FILE, 1000, 1000, &trait, 1};
    return people_traits_put(call->people, db, &report, NULL, error);
}

/* A customer of that country (JSON) whose address came with an order. */
static int64_t customer(Shop *shop, const char *address, const char *country, int64_t at)
{
    ResolveResult who = world_resolve(
        &shop->world, (ResolveInput){.email = slice_of(address), .trust = TRUST_FILE});
    Ordered ordered = {shop->world.people, address};
    world_write(&shop->world, ordered_run, &ordered);
    Country lives = {shop->world.people, who.stem, country};
    if (country) world_write(&shop->world, country_run, &lives);
    if (at) bought(shop, who.stem, at);
    return who.person_id;
}

typedef struct Attest {
    People *people;
    AttestationInput input;
    int64_t id;
} Attest;

static bool attest_run(Db *db, void *data, GError **error)
{
    Attest *attest = data;
    return people_attest(attest->people, db, &attest->input, &attest->id, error);
}

static bool attest_end_run(Db *db, void *data, GError **error)
{
    Attest *attest = data;
    AttestationEnd end = {attest->id, "test", 1};
    return people_attestation_end(attest->people, db, &end, error);
}

static int64_t attest(Shop *shop, const char *country, const char *law, bool unknown)
{
    Attest call = {shop->world.people,
                   {.basis = ATTESTATION_CUSTOMER,
                    .channel = "email",
                    .topic = "*",
                    .law = law,
                    .country = country,
                    .text = "we sell tea",
                    .unknown_country = unknown,
                    .actor = "test",
                    .at = 1},
                   0};
    world_write(&shop->world, attest_run, &call);
    return call.id;
}

/* ---- questions ---- */

static Permission ask_at(Shop *shop, int64_t person_id, const char *address, int64_t at_ms)
{
    PermissionQuery query = {person_id, address, "email", PERMISSION_TOPIC, at_ms};
    Permission answer;
    g_autoptr(GError) error = NULL;
    Db *db = store_reader_begin(shop->world.test->store, NULL);
    people_permission(shop->world.people, db, &query, &answer, &error);
    g_assert_no_error(error);
    store_reader_end(shop->world.test->store, db);
    return answer;
}

static const char *why(Shop *shop, int64_t person_id)
{
    return permission_reason_name(ask_at(shop, person_id, NULL, clock_now_ms()).reason);
}

/* What the count says of somebody; and that its sums are those of its rows. */
static const char *counted(Shop *shop, int64_t person_id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(PermissionCount) count =
        people_permission_count(shop->world.people, "email", PERMISSION_TOPIC, NULL, &error);
    g_assert_no_error(error);
    int64_t sum = 0;
    const char *found = NULL;
    for (int i = 0; i < PERMISSION_REASONS; i++)
        sum += count->counts[i];
    g_assert_cmpint(sum, ==, count->entries->len);
    for (guint i = 0; i < count->entries->len; i++) {
        const PermissionEntry *entry = &g_array_index(count->entries, PermissionEntry, i);
        if (entry->person_id == person_id) found = permission_reason_name(entry->reason);
    }
    return found;
}

static void expect(Shop *shop, int64_t person_id, const char *reason, const char *why_case)
{
    g_test_message("%s", why_case);
    g_assert_cmpstr(why(shop, person_id), ==, reason);
    g_assert_cmpstr(counted(shop, person_id), ==, reason);
}

/* ---- cases ---- */

static void every_reason(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t now = clock_now_ms();
    int64_t ann = customer(&shop, "ann@x.de", NULL, 0);
    expect(&shop, ann, "no_basis", "nobody said anything");
    say(&shop, (ConsentInput){.stem = ann, .address = "ann@x.de", .state = CONSENT_PENDING});
    expect(&shop, ann, "pending", "asked, not confirmed");
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .occurred_at = now - 5 * SECOND,
                              .expires_at = now - SECOND});
    expect(&shop, ann, "pending", "an expired grant is no more than what was asked since");
    say(&shop, (ConsentInput){.stem = ann, .address = "ann@x.de", .state = CONSENT_GRANTED});
    expect(&shop, ann, "granted", "a yes");
    g_assert_cmpstr(ask_at(&shop, ann, NULL, clock_now_ms()).address, ==, "ann@x.de");
    static const struct {
        DenialReason reason;
        const char *name;
    } denials[] = {
        {DENIAL_CLEANED, "cleaned"}, {DENIAL_BOUNCED, "bounced"},
        {DENIAL_MANUAL, "manual"},   {DENIAL_UNSUBSCRIBED, "unsubscribed"},
        {DENIAL_SAID, "denied"},     {DENIAL_COMPLAINED, "complained"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(denials); i++) {
        say(&shop, (ConsentInput){.address = "ann@x.de",
                                  .state = CONSENT_DENIED,
                                  .topic = "*",
                                  .reason = denials[i].reason});
        expect(&shop, ann, denials[i].name, "the gravest reason is shown");
    }
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .occurred_at = clock_now_ms() + SECOND});
    g_assert_cmpstr(
        permission_reason_name(ask_at(&shop, ann, NULL, clock_now_ms() + 2 * SECOND).reason), ==,
        "complained");
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .trust = TRUST_PERSON,
                              .occurred_at = clock_now_ms() + SECOND});
    g_assert_cmpstr(
        permission_reason_name(ask_at(&shop, ann, NULL, clock_now_ms() + 2 * SECOND).reason), ==,
        "granted");
    shop_close(&shop);
}

static void addresses_that_cannot_be_used(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t none = world_resolve(&shop.world, (ResolveInput){.user_id = SLICE("u1")}).person_id;
    int64_t open = world_resolve(&shop.world, (ResolveInput){.user_id = SLICE("u2"),
                                                             .email = SLICE("guess@x.de"),
                                                             .trust = TRUST_TRACK})
                       .person_id;
    say(&shop, (ConsentInput){.stem = open, .state = CONSENT_GRANTED});
    expect(&shop, none, "no_address", "nobody can write to nowhere");
    expect(&shop, open, "unconfirmed_address", "the public key's word is no address");
    int64_t gone = customer(&shop, "gone@x.de", NULL, 0);
    int64_t erasure_id;
    (void)erasure_id;
    g_assert_cmpstr(why(&shop, 4711), ==, "erased");
    say(&shop, (ConsentInput){.stem = gone, .address = "gone@x.de", .state = CONSENT_GRANTED});
    g_assert_true(ask_at(&shop, gone, "GONE@x.de", clock_now_ms()).may);
    g_assert_cmpstr(
        permission_reason_name(ask_at(&shop, gone, "other@x.de", clock_now_ms()).reason), ==,
        "no_address");
    shop_close(&shop);
}

static void a_no_does_not_move_to_the_next_address(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    ResolveInput first = {.user_id = SLICE("u"), .email = SLICE("a@x.de")};
    ResolveInput second = {.user_id = SLICE("u"), .email = SLICE("b@x.de")};
    int64_t person = world_resolve(&shop.world, first).person_id;
    world_resolve(&shop.world, second);
    say(&shop, (ConsentInput){.stem = person, .state = CONSENT_GRANTED});
    expect(&shop, person, "granted", "a yes of the person counts for all addresses");
    say(&shop,
        (ConsentInput){
            .address = "a@x.de", .state = CONSENT_DENIED, .topic = "*", .trust = TRUST_PERSON});
    expect(&shop, person, "denied", "a no at one is not got around by the other");
    say(&shop, (ConsentInput){.stem = person, .address = "b@x.de", .state = CONSENT_GRANTED});
    expect(&shop, person, "granted", "the other address was granted itself");
    g_assert_cmpstr(ask_at(&shop, person, NULL, clock_now_ms()).address, ==, "b@x.de");
    shop_close(&shop);
}

static void a_bounce_moves_to_the_next_address(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t person =
        world_resolve(&shop.world, (ResolveInput){.user_id = SLICE("u"), .email = SLICE("a@x.de")})
            .person_id;
    world_resolve(&shop.world, (ResolveInput){.user_id = SLICE("u"), .email = SLICE("b@x.de")});
    say(&shop, (ConsentInput){.stem = person, .state = CONSENT_GRANTED});
    say(&shop,
        (ConsentInput){
            .address = "a@x.de", .state = CONSENT_DENIED, .topic = "*", .reason = DENIAL_BOUNCED});
    expect(&shop, person, "granted", "a dead mailbox is no wish");
    g_assert_cmpstr(ask_at(&shop, person, NULL, clock_now_ms()).address, ==, "b@x.de");
    shop_close(&shop);
}

static void a_column_that_says_no(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t now = clock_now_ms();
    int64_t ann = customer(&shop, "ann@x.de", "\"DE\"", now - SECOND);
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .source_id = 1,
                              .occurred_at = now - 9 * SECOND});
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_DECLINED,
                              .source_id = 2,
                              .occurred_at = now - 8 * SECOND});
    expect(&shop, ann, "granted", "a shop that says no says nothing about the list");
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_DECLINED,
                              .source_id = 1,
                              .occurred_at = now - 7 * SECOND});
    expect(&shop, ann, "declined", "the list itself says no now");
    attest(&shop, "DE", "de-uwg-7-3", false);
    expect(&shop, ann, "declined", "no customer basis against the shop's own column");
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .source_id = 1,
                              .occurred_at = now - 6 * SECOND});
    expect(&shop, ann, "granted", "and yes again");
    shop_close(&shop);
}

static void existing_customers(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t now = clock_now_ms();
    int64_t ann = customer(&shop, "ann@x.de", "\"Germany\"", now - SECOND);
    int64_t bob = customer(&shop, "bob@x.de", "\"EIRE\"", now - 364 * CLOCK_DAY_MS);
    int64_t cat = customer(&shop, "cat@x.de", "\"IE\"", now - 366 * CLOCK_DAY_MS);
    int64_t dan = customer(&shop, "dan@x.de", NULL, now - SECOND);
    int64_t eve = customer(&shop, "eve@x.de", "\"DE\"", 0);
    int64_t far = customer(&shop, "far@x.de", "\"Narnia\"", now - SECOND);
    int64_t no = customer(&shop, "no@x.de", "\"DE\"", now - SECOND);
    int64_t form = world_resolve(&shop.world, (ResolveInput){.email = SLICE("form@x.de")}).stem;
    bought(&shop, form, now - SECOND);
    say(&shop, (ConsentInput){.stem = no, .state = CONSENT_DENIED, .trust = TRUST_PERSON});
    expect(&shop, ann, "no_basis", "nobody swore yet");
    int64_t german = attest(&shop, "Deutschland", "de-uwg-7-3", true);
    attest(&shop, "IE", "ie-336-2011-13-11", false);
    expect(&shop, ann, "existing_customer", "a customer in Germany");
    expect(&shop, bob, "existing_customer", "within the year of the Irish law");
    expect(&shop, cat, "expired", "beyond it");
    expect(&shop, dan, "existing_customer", "country not known, sworn to as well");
    expect(&shop, eve, "no_basis", "never bought");
    expect(&shop, far, "no_basis", "no law is known there");
    expect(&shop, no, "denied", "never those who said no");
    expect(&shop, form, "no_basis", "the address did not come with an order");
    Permission answer = ask_at(&shop, bob, NULL, now);
    g_assert_cmpint(answer.expires_at, ==, now - 364 * CLOCK_DAY_MS + 365 * CLOCK_DAY_MS);
    g_assert_false(ask_at(&shop, bob, NULL, answer.expires_at).may);
    Attest end = {shop.world.people, {0}, german};
    world_write(&shop.world, attest_end_run, &end);
    expect(&shop, ann, "no_basis", "taken back");
    shop_close(&shop);
}

static void what_cannot_be_sworn_to(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    static const struct {
        const char *why, *basis, *channel, *law, *country, *text;
    } cases[] = {
        {"another basis", "legitimate_interest", "email", "de-uwg-7-3", "DE", "t"},
        {"a country without such a law", ATTESTATION_CUSTOMER, "email", "pl", "PL", "t"},
        {"a country nobody knows", ATTESTATION_CUSTOMER, "email", "x", "Narnia", "t"},
        {"the law of another country", ATTESTATION_CUSTOMER, "email", "gb-pecr-22-3", "DE", "t"},
        {"no text", ATTESTATION_CUSTOMER, "email", "de-uwg-7-3", "DE", ""},
        {"by telephone", ATTESTATION_CUSTOMER, "phone", "de-uwg-7-3", "DE", "t"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        AttestationInput input = {.basis = cases[i].basis,
                                  .channel = cases[i].channel,
                                  .topic = "*",
                                  .law = cases[i].law,
                                  .country = cases[i].country,
                                  .text = cases[i].text,
                                  .actor = "test"};
        Attestation checked;
        g_test_message("%s", cases[i].why);
        g_assert_false(attestation_check(&input, &checked, &error));
        g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    }
    attest(&shop, "DE", "de-uwg-7-3", false);
    Attest again = {shop.world.people,
                    {.basis = ATTESTATION_CUSTOMER,
                     .channel = "email",
                     .topic = "*",
                     .law = "de-uwg-7-3",
                     .country = "DE",
                     .text = "t",
                     .actor = "test"},
                    0};
    g_autoptr(GError) error = NULL;
    g_assert_false(writer_call(store_writer(test->store), WRITER_REST, attest_run, &again, &error));
    g_assert_error(error, KITH_ERROR, KITH_ERROR_CONFLICT);
    shop_close(&shop);
}

static void laws_and_texts(void)
{
    static const struct {
        const char *text, *country;
    } cases[] = {{"Germany", "DE"}, {" deutschland ", "DE"},  {"de", "DE"},
                 {"EIRE", "IE"},    {"United Kingdom", "GB"}, {"UK", "GB"},
                 {"USA", "US"},     {"Österreich", "AT"}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const Law *law = law_at(law_country(slice_of(cases[i].text)));
        g_assert_nonnull(law);
        g_assert_cmpstr(law->country, ==, cases[i].country);
        g_autofree char *english = law_text(law, "en"), *german = law_text(law, "de");
        g_assert_nonnull(strstr(english, law->citation));
        g_assert_nonnull(strstr(german, law->citation));
    }
    g_assert_cmpint(law_country(SLICE("")), ==, LAW_NONE);
    g_assert_cmpint(law_country(SLICE("xx")), ==, LAW_NONE);
    for (int i = 0; i < law_count(); i++) /* every country is found by its own code */
        g_assert_cmpint(law_country(slice_of(law_at(i)->country)), ==, i);
}

static void a_kept_count_follows_every_change(TestStore *test)
{
    Shop shop;
    shop_open(&shop, test);
    int64_t ann = customer(&shop, "ann@x.de", NULL, 0);
    g_autoptr(PermissionCount) first =
        people_permission_count(shop.world.people, "email", PERMISSION_TOPIC, NULL, NULL);
    g_autoptr(PermissionCount) same =
        people_permission_count(shop.world.people, "email", PERMISSION_TOPIC, NULL, NULL);
    g_assert_true(first == same);
    say(&shop, (ConsentInput){.stem = ann,
                              .address = "ann@x.de",
                              .state = CONSENT_GRANTED,
                              .expires_at = clock_now_ms() + 30 * SECOND});
    g_autoptr(PermissionCount) next =
        people_permission_count(shop.world.people, "email", PERMISSION_TOPIC, NULL, NULL);
    g_assert_true(first != next);
    g_assert_cmpint(next->counts[PERMISSION_GRANTED], ==, 1);
    g_assert_cmpint(next->until_ms, <=, next->at_ms + 30 * SECOND);
    shop_close(&shop);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/people/permission/laws", laws_and_texts);
    test_store_add("/people/permission/reasons", every_reason);
    test_store_add("/people/permission/addresses", addresses_that_cannot_be_used);
    test_store_add("/people/permission/refused", a_no_does_not_move_to_the_next_address);
    test_store_add("/people/permission/bounced", a_bounce_moves_to_the_next_address);
    test_store_add("/people/permission/column", a_column_that_says_no);
    test_store_add("/people/permission/customers", existing_customers);
    test_store_add("/people/permission/attest", what_cannot_be_sworn_to);
    test_store_add("/people/permission/kept", a_kept_count_follows_every_change);
    return g_test_run();
}
