/* Who may be written to, counted over the whole store: everything is read in chunks of one reader
 * each, sorted by person, and judged person by person by the same rules as one person alone. Whom
 * rows are about that change between two chunks is judged again (permission_kept.c). */
#include <string.h>

#include "base/clock.h"
#include "people/consent.h"
#include "people/people_state.h"
#include "people/permission_count.h"
#include "people/permission_sql.h"
#include "store/store.h"

enum { COUNT_ROWS = 20000 };

/* One address of one person. */
typedef struct Address {
    int64_t person_id;
    uint8_t hash[CONSENT_HASH_SIZE];
    int64_t seen_at;
    bool confirmed, ordered;
} Address;

typedef struct PersonSay {
    int64_t person_id;
    Say say;
} PersonSay;

typedef struct Person {
    int64_t person_id;
    int law;
    bool country_known;
} Person;

typedef struct Counting {
    People *people;
    const char *channel, *topic;
    IdentityKind kind;
    int64_t at_ms;
    GArray *persons;           /* of Person, by person_id */
    GArray *addresses;         /* of Address, by person_id */
    GArray *person_says;       /* of PersonSay, by person_id */
    GArray *says;              /* of Say, by address_hash */
    GArray *orders;            /* of PeopleOrder, by person (in `stem`) */
    GArray *attestations;      /* of Attestation */
    GArray *scratch, *at_hand; /* of Say, PermissionAddress */
    GHashTable *wanted;        /* hashes of `addresses` while rows are read; borrowed keys */
    /* where the next chunk begins */
    int64_t first, second, rows;
    char *text, *other;
    uint8_t hash[CONSENT_HASH_SIZE];
} Counting;

static void counting_init(Counting *counting)
{
    counting->persons = g_array_new(FALSE, FALSE, sizeof(Person));
    counting->addresses = g_array_new(FALSE, FALSE, sizeof(Address));
    counting->person_says = g_array_new(FALSE, FALSE, sizeof(PersonSay));
    counting->says = g_array_new(FALSE, FALSE, sizeof(Say));
    counting->orders = g_array_new(FALSE, FALSE, sizeof(PeopleOrder));
    counting->attestations = g_array_new(FALSE, FALSE, sizeof(Attestation));
    counting->scratch = g_array_new(FALSE, FALSE, sizeof(Say));
    counting->at_hand = g_array_new(FALSE, FALSE, sizeof(PermissionAddress));
}

static void counting_clear(Counting *counting)
{
    g_array_unref(counting->persons);
    g_array_unref(counting->addresses);
    g_array_unref(counting->person_says);
    g_array_unref(counting->says);
    g_array_unref(counting->orders);
    g_array_unref(counting->attestations);
    g_array_unref(counting->scratch);
    g_array_unref(counting->at_hand);
    g_clear_pointer(&counting->wanted, g_hash_table_unref);
    g_free(counting->text);
    g_free(counting->other);
}

/* ---- reading ---- */

static void place_keep(char **place, const char *text)
{
    g_free(*place);
    *place = g_strdup(text);
}

static bool persons_chunk(Counting *counting, Db *db, GError **error)
{
    PermissionPeopleParams params = {counting->first, COUNT_ROWS};
    PermissionPeopleRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_permission_people_open(db, &params, &cursor, error)) return false;
    for (counting->rows = 0; sql_permission_people_next(&cursor, &row); counting->rows++) {
        counting->first = row.person_id;
        if (!row.listed) continue;
        Person person = {row.person_id, LAW_NONE, row.country && *row.country};
        if (person.country_known) person.law = law_country(slice_of(row.country));
        g_array_append_val(counting->persons, person);
    }
    return db_cursor_finish(&cursor, error);
}

static bool addresses_chunk(Counting *counting, Db *db, GError **error)
{
    PermissionAllAddressesParams params = {counting->first, identity_kind_name(counting->kind),
                                           counting->text, COUNT_ROWS};
    PermissionAllAddressesRow row;
    g_auto(DbCursor) cursor = {0};
    g_autofree char *last = NULL;
    if (!sql_permission_all_addresses_open(db, &params, &cursor, error)) return false;
    for (counting->rows = 0; sql_permission_all_addresses_next(&cursor, &row); counting->rows++) {
        Address address = {
            .person_id = people_person(counting->people, row.person_id),
            .seen_at = row.first_seen_at,
            .confirmed = g_str_equal(row.state, identity_state_name(IDENTITY_CONFIRMED)),
            .ordered = row.ordered != 0,
        };
        people_address_hash(counting->people, counting->kind, slice_of(row.value), address.hash);
        g_array_append_val(counting->addresses, address);
        counting->first = row.person_id;
        place_keep(&last, row.value);
    }
    if (last) place_keep(&counting->text, last);
    return db_cursor_finish(&cursor, error);
}

static bool person_says_chunk(Counting *counting, Db *db, GError **error)
{
    PermissionPersonSaysParams params = {.person_id = counting->first,
                                         .consent_id = counting->second,
                                         .channel = counting->channel,
                                         .topic = counting->topic,
                                         .at = counting->at_ms,
                                         .rows = COUNT_ROWS};
    PermissionPersonSaysRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_permission_person_says_open(db, &params, &cursor, error)) return false;
    for (counting->rows = 0; sql_permission_person_says_next(&cursor, &row); counting->rows++) {
        PersonSay one = {.person_id = people_person(counting->people, row.person_id),
                         .say = {.consent_id = row.consent_id,
                                 .source_id = row.source_id,
                                 .occurred_at = row.occurred_at,
                                 .expires_at = row.expires_at.set ? row.expires_at.value : 0,
                                 .state = consent_state_parse(row.state),
                                 .by_person = row.by_person != 0}};
        g_array_append_val(counting->person_says, one);
        counting->first = row.person_id;
        counting->second = row.consent_id;
    }
    return db_cursor_finish(&cursor, error);
}

static void address_say_take(Counting *counting, const PermissionAddressSaysRow *row)
{
    Say say = {.consent_id = row->consent_id,
               .source_id = row->source_id.set ? row->source_id.value : 0,
               .occurred_at = row->occurred_at,
               .expires_at = row->expires_at.set ? row->expires_at.value : 0,
               .state = consent_state_parse(row->state),
               .reason = denial_reason_parse(row->reason),
               .has_address = true,
               .by_person = row->by_person != 0};
    memcpy(say.address_hash, row->address_hash.data, CONSENT_HASH_SIZE);
    if (g_hash_table_contains(counting->wanted, say.address_hash))
        g_array_append_val(counting->says, say);
}

static bool address_says_chunk(Counting *counting, Db *db, GError **error)
{
    PermissionAddressSaysParams params = {.address_hash = {counting->hash, CONSENT_HASH_SIZE},
                                          .after_channel = counting->text,
                                          .after_topic = counting->other,
                                          .consent_id = counting->second,
                                          .channel = counting->channel,
                                          .topic = counting->topic,
                                          .at = counting->at_ms,
                                          .rows = COUNT_ROWS};
    PermissionAddressSaysRow row;
    g_auto(DbCursor) cursor = {0};
    g_autofree char *channel = NULL, *topic = NULL;
    uint8_t hash[CONSENT_HASH_SIZE];
    if (!sql_permission_address_says_open(db, &params, &cursor, error)) return false;
    for (counting->rows = 0; sql_permission_address_says_next(&cursor, &row); counting->rows++) {
        if (row.address_hash.size != CONSENT_HASH_SIZE) continue;
        address_say_take(counting, &row);
        memcpy(hash, row.address_hash.data, CONSENT_HASH_SIZE);
        counting->second = row.consent_id;
        if (counting->rows != COUNT_ROWS - 1) continue;
        channel = g_strdup(row.channel);
        topic = g_strdup(row.topic);
    }
    if (channel) {
        memcpy(counting->hash, hash, CONSENT_HASH_SIZE);
        place_keep(&counting->text, channel);
        place_keep(&counting->other, topic);
    }
    return db_cursor_finish(&cursor, error);
}

static bool orders_chunk(Counting *counting, Db *db, GError **error)
{
    const PeopleOrders *orders = &counting->people->orders;
    guint before = counting->orders->len;
    counting->rows = 0;
    if (!orders->after) return true;
    if (!orders->after(orders->context, db, counting->first, COUNT_ROWS, counting->orders, error))
        return false;
    counting->rows = counting->orders->len - before;
    for (guint i = before; i < counting->orders->len; i++) {
        PeopleOrder *order = &g_array_index(counting->orders, PeopleOrder, i);
        counting->first = order->stem;
        order->stem = people_person(counting->people, order->stem);
    }
    return true;
}

static bool attestations_chunk(Counting *counting, Db *db, GError **error)
{
    counting->rows = 0;
    return people_attestations(db, counting->channel, counting->topic, counting->attestations,
                               error);
}

static guint hash_hash(const void *key)
{
    guint value;
    memcpy(&value, key, sizeof value); /* the hash is keyed already */
    return value;
}

static gboolean hash_equal(const void *a, const void *b)
{
    return memcmp(a, b, CONSENT_HASH_SIZE) == 0;
}

static void wanted_make(Counting *counting)
{
    counting->wanted = g_hash_table_new(hash_hash, hash_equal);
    for (guint i = 0; i < counting->addresses->len; i++)
        g_hash_table_add(counting->wanted, g_array_index(counting->addresses, Address, i).hash);
}

static bool all_read(Counting *counting, GError **error)
{
    static bool (*const chunks[])(Counting *, Db *, GError **) = {
        persons_chunk,     attestations_chunk, orders_chunk,
        person_says_chunk, addresses_chunk,    address_says_chunk,
    };
    for (size_t i = 0; i < G_N_ELEMENTS(chunks); i++) {
        counting->first = counting->second = INT64_MIN;
        memset(counting->hash, 0, sizeof counting->hash);
        place_keep(&counting->text, "");
        place_keep(&counting->other, "");
        if (chunks[i] == address_says_chunk) wanted_make(counting);
        do {
            Db *db = store_reader_begin(counting->people->store, error);
            if (!db) return false;
            bool done = chunks[i](counting, db, error);
            store_reader_end(counting->people->store, db);
            if (!done) return false;
        } while (counting->rows == COUNT_ROWS);
    }
    return true;
}

/* ---- judging ---- */

/* Every array but `says` begins its elements with the person. */
static int person_compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static int say_compare(const void *a, const void *b)
{
    return memcmp(((const Say *)a)->address_hash, ((const Say *)b)->address_hash,
                  CONSENT_HASH_SIZE);
}

static void all_sort(Counting *counting)
{
    g_clear_pointer(&counting->wanted, g_hash_table_unref); /* its keys move */
    g_array_sort(counting->persons, person_compare);
    g_array_sort(counting->addresses, person_compare);
    g_array_sort(counting->person_says, person_compare);
    g_array_sort(counting->orders, person_compare);
    g_array_sort(counting->says, say_compare);
}

/* The rows about one address. */
static void says_of_address(const Counting *counting, const Address *address,
                            PermissionAddress *out)
{
    const Say *says = (const Say *)(void *)counting->says->data;
    size_t low = 0, high = counting->says->len;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = memcmp(says[middle].address_hash, address->hash, CONSENT_HASH_SIZE) < 0;
        if (before)
            low = middle + 1;
        else
            high = middle;
    }
    out->says = says + low;
    while (low + out->say_count < counting->says->len &&
           memcmp(says[low + out->say_count].address_hash, address->hash, CONSENT_HASH_SIZE) == 0)
        out->say_count++;
}

/* How far each array is read; persons come in order. */
typedef struct Cursors {
    guint address, say, order;
} Cursors;

static void addresses_take(Counting *counting, Cursors *at, int64_t person_id)
{
    g_array_set_size(counting->at_hand, 0);
    for (; at->address < counting->addresses->len; at->address++) {
        const Address *address = &g_array_index(counting->addresses, Address, at->address);
        if (address->person_id > person_id) return;
        if (address->person_id < person_id) continue; /* of nobody who is listed */
        PermissionAddress one = {.seen_at = address->seen_at,
                                 .confirmed = address->confirmed,
                                 .ordered = address->ordered};
        says_of_address(counting, address, &one);
        g_array_append_val(counting->at_hand, one);
    }
}

static int64_t order_take(Counting *counting, Cursors *at, int64_t person_id)
{
    int64_t last = 0;
    for (; at->order < counting->orders->len; at->order++) {
        PeopleOrder order = g_array_index(counting->orders, PeopleOrder, at->order);
        if (order.stem > person_id) break;
        if (order.stem == person_id) last = MAX(last, order.at);
    }
    return last;
}

/* Rows of the person that name no address, gathered behind each other in `out` (of Say). */
static void person_says_take(Counting *counting, Cursors *at, int64_t person_id, GArray *out)
{
    g_array_set_size(out, 0);
    for (; at->say < counting->person_says->len; at->say++) {
        const PersonSay *one = &g_array_index(counting->person_says, PersonSay, at->say);
        if (one->person_id > person_id) return;
        if (one->person_id == person_id) g_array_append_val(out, one->say);
    }
}

static void person_judge(Counting *counting, const Person *person, Cursors *at, GArray *own,
                         PermissionCount *count)
{
    addresses_take(counting, at, person->person_id);
    person_says_take(counting, at, person->person_id, own);
    PermissionFacts facts = {
        .addresses = (const PermissionAddress *)(void *)counting->at_hand->data,
        .address_count = counting->at_hand->len,
        .says = (const Say *)(void *)own->data,
        .say_count = own->len,
        .last_order_at = order_take(counting, at, person->person_id),
        .law = person->law,
        .country_known = person->country_known,
        .attestations = (const Attestation *)(void *)counting->attestations->data,
        .attestation_count = counting->attestations->len,
        .at_ms = counting->at_ms,
        .scratch = counting->scratch,
    };
    PermissionAnswer answer = permission_judge(&facts);
    PermissionEntry entry = {person->person_id, answer.expires_at, answer.reason, person->law};
    g_array_append_val(count->entries, entry);
}

static void all_judge(Counting *counting, PermissionCount *count)
{
    Cursors at = {0};
    g_autoptr(GArray) own = g_array_new(FALSE, FALSE, sizeof(Say));
    for (guint i = 0; i < counting->persons->len; i++)
        person_judge(counting, &g_array_index(counting->persons, Person, i), &at, own, count);
}

/* ---- the whole ---- */

bool permission_count_all(People *people, const Attestation *extra, PermissionCount *count,
                          GError **error)
{
    Counting counting = {.people = people,
                         .channel = count->channel,
                         .topic = count->topic,
                         .kind = people_channel_kind(count->channel),
                         .at_ms = count->at_ms};
    counting_init(&counting);
    bool done = all_read(&counting, error);
    if (done && extra) g_array_append_val(counting.attestations, *extra);
    if (done) all_sort(&counting);
    if (done) all_judge(&counting, count);
    counting_clear(&counting);
    return done;
}
