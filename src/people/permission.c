#include "people/permission.h"

#include <string.h>

#include "people/consent.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/permission_judge.h"
#include "people/permission_sql.h"
#include "people/summary_sql.h"

static const char *const reason_names[PERMISSION_REASONS] = {
    [PERMISSION_GRANTED] = "granted",
    [PERMISSION_CUSTOMER] = ATTESTATION_CUSTOMER,
    [PERMISSION_PENDING] = "pending",
    [PERMISSION_EXPIRED] = "expired",
    [PERMISSION_NO_BASIS] = "no_basis",
    [PERMISSION_DECLINED] = "declined",
    [PERMISSION_DENIED] = "denied",
    [PERMISSION_UNSUBSCRIBED] = "unsubscribed",
    [PERMISSION_COMPLAINED] = "complained",
    [PERMISSION_BOUNCED] = "bounced",
    [PERMISSION_CLEANED] = "cleaned",
    [PERMISSION_MANUAL] = "manual",
    [PERMISSION_UNCONFIRMED] = "unconfirmed_address",
    [PERMISSION_NO_ADDRESS] = "no_address",
    [PERMISSION_ERASED] = "erased",
};

const char *permission_reason_name(PermissionReason reason) { return reason_names[reason]; }

PermissionReason permission_reason_parse(const char *name)
{
    PermissionReason reason = 0;
    while (reason < PERMISSION_REASONS && g_strcmp0(reason_names[reason], name) != 0)
        reason++;
    return reason;
}

void people_set_orders(People *people, const PeopleOrders *orders) { people->orders = *orders; }

bool people_address_ordered(People *people, Db *db, IdentityKind kind, Slice address,
                            GError **error)
{
    IdentityValue value;
    if (identity_normalize(kind, address, &value) != IDENTITY_USABLE) return true;
    Hash128 hash = people_identity_hash(people, kind, (Slice){value.text, value.size});
    int64_t stem = people_identity_stem(people, hash, NULL);
    if (!stem) return true;
    PermissionOrderedParams params = {stem, identity_kind_name(kind), value.text};
    return sql_permission_ordered(db, &params, NULL, error);
}

/* ---- the facts of one person ---- */

/* Where the rows about one address lie in `says`. */
typedef struct Span {
    guint start, count;
} Span;

typedef struct Gather {
    People *people;
    Db *db;
    const PermissionQuery *query;
    IdentityKind kind;
    GArray *stems;
    GPtrArray *values; /* of char *: the addresses, normal form */
    GArray *addresses; /* of PermissionAddress, beside values */
    GArray *spans;     /* of Span, beside values */
    GArray *says;      /* of Say: of the person first, then address by address */
    GArray *attestations, *scratch;
    int64_t last_order_at;
} Gather;

static void gather_init(Gather *gather, IdentityKind kind)
{
    gather->kind = kind;
    gather->stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    gather->values = g_ptr_array_new_with_free_func(g_free);
    gather->addresses = g_array_new(FALSE, FALSE, sizeof(PermissionAddress));
    gather->spans = g_array_new(FALSE, FALSE, sizeof(Span));
    gather->says = g_array_new(FALSE, FALSE, sizeof(Say));
    gather->attestations = g_array_new(FALSE, FALSE, sizeof(Attestation));
    gather->scratch = g_array_new(FALSE, FALSE, sizeof(Say));
}

static void gather_clear(Gather *gather)
{
    g_array_unref(gather->stems);
    g_ptr_array_unref(gather->values);
    g_array_unref(gather->addresses);
    g_array_unref(gather->spans);
    g_array_unref(gather->says);
    g_array_unref(gather->attestations);
    g_array_unref(gather->scratch);
}

static bool stem_addresses(Gather *gather, int64_t stem, GError **error)
{
    PermissionAddressesParams params = {stem, identity_kind_name(gather->kind)};
    PermissionAddressesRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_permission_addresses_open(gather->db, &params, &cursor, error)) return false;
    while (sql_permission_addresses_next(&cursor, &row)) {
        PermissionAddress address = {
            .seen_at = row.first_seen_at,
            .confirmed = g_str_equal(row.state, identity_state_name(IDENTITY_CONFIRMED)),
            .ordered = row.ordered != 0,
        };
        g_ptr_array_add(gather->values, g_strdup(row.value));
        g_array_append_val(gather->addresses, address);
    }
    return db_cursor_finish(&cursor, error);
}

static bool stem_orders(Gather *gather, int64_t stem, GError **error)
{
    const PeopleOrders *orders = &gather->people->orders;
    int64_t at = 0;
    if (!orders->last) return true;
    if (!orders->last(orders->context, gather->db, stem, &at, error)) return false;
    gather->last_order_at = MAX(gather->last_order_at, at);
    return true;
}

static bool stems_gather(Gather *gather, GError **error)
{
    for (guint i = 0; i < gather->stems->len; i++) {
        int64_t stem = g_array_index(gather->stems, int64_t, i);
        if (!stem_orders(gather, stem, error)) return false;
        if (stem > 0 && !stem_addresses(gather, stem, error)) return false;
    }
    return true;
}

static bool says_gather(Gather *gather, GError **error)
{
    ConsentQuery query = {.person_id = gather->query->person_id,
                          .address = "",
                          .channel = gather->query->channel,
                          .topic = gather->query->topic,
                          .at_ms = gather->query->at_ms,
                          .known_at_ms = INT64_MAX};
    if (!people_person_says(gather->people, gather->db, &query, gather->says, error)) return false;
    for (guint i = 0; i < gather->values->len; i++) {
        Span span = {gather->says->len, 0};
        query.address = gather->values->pdata[i];
        if (!people_address_says(gather->people, gather->db, &query, gather->says, error))
            return false;
        span.count = gather->says->len - span.start;
        g_array_append_val(gather->spans, span);
    }
    return true;
}

/* The rows lie still from here on. */
static guint spans_point(Gather *gather)
{
    const Say *says = (const Say *)(void *)gather->says->data;
    for (guint i = 0; i < gather->spans->len; i++) {
        Span span = g_array_index(gather->spans, Span, i);
        PermissionAddress *address = &g_array_index(gather->addresses, PermissionAddress, i);
        address->says = says + span.start;
        address->say_count = span.count;
    }
    return gather->spans->len ? g_array_index(gather->spans, Span, 0).start : gather->says->len;
}

/* ---- the answer ---- */

static void answer_fill(const Gather *gather, const PermissionAnswer *answer,
                        Permission *ret_permission)
{
    *ret_permission = (Permission){.reason = answer->reason,
                                   .may = permission_may(answer->reason),
                                   .consent_id = answer->consent_id,
                                   .attestation_id = answer->attestation_id,
                                   .expires_at = answer->expires_at};
    if (gather->values->len)
        g_strlcpy(ret_permission->address, gather->values->pdata[answer->address],
                  sizeof ret_permission->address);
}

static bool country_find(Gather *gather, PermissionFacts *facts, GError **error)
{
    SummaryFindParams params = {gather->query->person_id};
    SummaryFindRow row = {0};
    bool found;
    if (!sql_summary_find(gather->db, &params, &row, &found, error)) return false;
    facts->country_known = found && row.country && *row.country;
    facts->law = facts->country_known ? law_country(slice_of(row.country)) : LAW_NONE;
    return true;
}

/* Which of the person's addresses is asked about; SIZE_MAX: none of theirs. */
static size_t address_asked(const Gather *gather)
{
    IdentityValue value;
    Slice raw = slice_of(gather->query->address);
    if (identity_normalize(gather->kind, raw, &value) != IDENTITY_USABLE) return SIZE_MAX;
    for (guint i = 0; i < gather->values->len; i++)
        if (g_str_equal(gather->values->pdata[i], value.text)) return i;
    return SIZE_MAX;
}

static bool gather_answer(Gather *gather, Permission *ret_permission, GError **error)
{
    const PermissionQuery *query = gather->query;
    if (!stems_gather(gather, error) || !says_gather(gather, error)) return false;
    if (!people_attestations(gather->db, query->channel, query->topic, gather->attestations, error))
        return false;
    guint own = spans_point(gather);
    PermissionFacts facts = {
        .addresses = (const PermissionAddress *)(void *)gather->addresses->data,
        .address_count = gather->addresses->len,
        .says = (const Say *)(void *)gather->says->data,
        .say_count = own,
        .last_order_at = gather->last_order_at,
        .attestations = (const Attestation *)(void *)gather->attestations->data,
        .attestation_count = gather->attestations->len,
        .at_ms = query->at_ms,
        .scratch = gather->scratch,
    };
    if (!country_find(gather, &facts, error)) return false;
    PermissionAnswer answer = {.reason = PERMISSION_NO_ADDRESS};
    if (!query->address) {
        answer = permission_judge(&facts);
    } else {
        size_t asked = address_asked(gather);
        if (asked != SIZE_MAX) answer = permission_judge_address(&facts, asked);
    }
    answer_fill(gather, &answer, ret_permission);
    return true;
}

/* Whether nothing may be known of this person any more. */
static bool person_gone(People *people, Db *db, int64_t person_id, bool *ret_gone, GError **error)
{
    PersonFindParams params = {person_id};
    PersonFindRow row = {0};
    bool found;
    if (!sql_person_find(db, &params, &row, &found, error)) return false;
    *ret_gone = !found || row.erased_at.set || people_is_erased(people, person_id);
    return true;
}

bool people_permission(People *people, Db *db, const PermissionQuery *query,
                       Permission *ret_permission, GError **error)
{
    IdentityKind kind = people_channel_kind(query->channel);
    bool gone;
    if (kind == IDENTITY_KIND_END)
        return fail(error, KITH_ERROR_INVALID, "channel \"%s\" has no addresses", query->channel);
    PermissionQuery root = *query;
    root.person_id = query->person_id > 0 ? people_person(people, query->person_id) : 0;
    if (!person_gone(people, db, root.person_id, &gone, error)) return false;
    if (gone) {
        *ret_permission = (Permission){.reason = PERMISSION_ERASED};
        return true;
    }
    Gather gather = {.people = people, .db = db, .query = &root};
    gather_init(&gather, kind);
    people_stems(people, root.person_id, gather.stems);
    bool done = gather_answer(&gather, ret_permission, error);
    gather_clear(&gather);
    return done;
}
