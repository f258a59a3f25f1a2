/* people/permission.h: may this person be written to now, at which address, and if not, why not?
 *
 * The one answer for everybody: the Permission page counts it, a list shows it, and whoever hands a
 * message over asks it again inside the transaction that hands over (promise 3). Nothing is stored:
 * the ledger (consent.h), the addresses, what the business swore to (attestation.h) and the orders
 * are judged at the moment given, expiry included.
 *
 * Rules beyond those of consent_rules.h
 *   - only addresses that a server, a file, a hand or the person vouches for are written to;
 *   - who said no at one of their addresses is written to at another only if that address itself
 *     was granted: a permission of the person as such does not move to the next address;
 *   - "existing customer" needs an attestation for the person's country, a placed order with
 *     something left of it within the law's term, and an address that came with an order; it never
 *     reaches anybody who ever said no, whose no was not lifted, or whose shop's own column says
 * no;
 *   - of several addresses that may be written to: one with a permission before one as a customer,
 *     then the one seen first.
 *
 *     PermissionQuery query = {.person_id = id, .channel = "email", .topic = "newsletter",
 *                              .at_ms = clock_now_ms()};
 *     Permission permission;
 *     if (!people_permission(people, db, &query, &permission, error)) return false;
 *     if (!permission.may) …permission_reason_name(permission.reason)…
 *
 * Thread rule: people_permission on any connection; the counts on any thread but the writer's.
 */
#pragma once
#include "people/attestation.h"
#include "people/consent_rules.h"
#include "people/identity.h"

/* What a list without a topic of its own is about. */
#define PERMISSION_TOPIC "newsletter"

/* Told best first: of several addresses the best is the person's. */
typedef enum PermissionReason {
    PERMISSION_GRANTED,      /* may: they said yes */
    PERMISSION_CUSTOMER,     /* may: existing customer, sworn to */
    PERMISSION_PENDING,      /* asked for, not confirmed */
    PERMISSION_EXPIRED,      /* ran out */
    PERMISSION_NO_BASIS,     /* nobody said anything */
    PERMISSION_DECLINED,     /* the shop's column says no */
    PERMISSION_DENIED,       /* they said no */
    PERMISSION_UNSUBSCRIBED, /* another system's list says that they did */
    PERMISSION_COMPLAINED,   /* they marked a mail as spam */
    PERMISSION_BOUNCED,      /* the mailbox does not exist */
    PERMISSION_CLEANED,      /* another system gave the address up */
    PERMISSION_MANUAL,       /* on the list of addresses that are never written to */
    PERMISSION_UNCONFIRMED,  /* only the public key gave the address */
    PERMISSION_NO_ADDRESS,   /* none on this channel */
    PERMISSION_ERASED,       /* the person, or whoever had the address, was erased */
    PERMISSION_REASONS
} PermissionReason;

/* "granted", "existing_customer", …, "erased": the words of the API. */
const char *permission_reason_name(PermissionReason reason);
/* PERMISSION_REASONS when there is none of that name. */
PermissionReason permission_reason_parse(const char *name);
static inline bool permission_may(PermissionReason reason) { return reason <= PERMISSION_CUSTOMER; }

typedef struct PermissionQuery {
    int64_t person_id;
    const char *address; /* only this one of theirs; NULL = the best */
    const char *channel; /* "email", "sms", "phone", "whatsapp" */
    const char *topic;
    int64_t at_ms; /* UTC ms */
} PermissionQuery;

typedef struct Permission {
    PermissionReason reason;
    bool may;
    char address[IDENTITY_VALUE_MAX + 1]; /* normal form; "" when there is none */
    int64_t consent_id;                   /* the row of the ledger it rests on; 0 = none */
    int64_t attestation_id;               /* for PERMISSION_CUSTOMER */
    int64_t expires_at;                   /* of what permits it; 0 = never */
} Permission;

/* One indexed read per stem and address. Errors: KITH_ERROR_INVALID (a channel without addresses).
 * Somebody unknown or erased gets PERMISSION_ERASED. */
bool people_permission(People *people, Db *db, const PermissionQuery *query,
                       Permission *ret_permission, GError **error);

/* ---- the whole store ---- */

/* One listed person. */
typedef struct PermissionEntry {
    int64_t person_id;
    int64_t expires_at; /* of what permits it; 0 = never */
    PermissionReason reason;
    int law; /* of their country; LAW_NONE: not known, or not in the table */
} PermissionEntry;

/* Immutable, shared; free with permission_count_unref. */
typedef struct PermissionCount {
    gint references;
    int64_t known, orders_version; /* of what it was counted from */
    int64_t at_ms, full_ms;        /* when; when everybody was counted for it last */
    int64_t until_ms;              /* a permission runs out then; INT64_MAX: none does */
    char *channel, *topic;
    GArray *entries; /* of PermissionEntry, by person_id */
    int64_t counts[PERMISSION_REASONS];
} PermissionCount;

/* Everybody's, as of now. Who changed since a count that is kept, and whose permission ran out, is
 * judged alone; else everybody is: O(people and what was said of them), in chunks. `extra`: as if
 * this were sworn to as well (never kept); NULL. NULL on failure; errors as people_permission. */
PermissionCount *people_permission_count(People *people, const char *channel, const char *topic,
                                         const Attestation *extra, GError **error);
void permission_count_unref(PermissionCount *count);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PermissionCount, permission_count_unref)

/* ---- what later folders know ---- */

/* When somebody bought last: orders belong to timeline/. Set once by app/; zeroed: nobody bought.
 */
typedef struct PeopleOrders {
    void *context;
    /* Time of the newest order of a stem that was placed, confirmed and of which something is left;
     * 0 when none. */
    bool (*last)(void *context, Db *db, int64_t stem, int64_t *ret_at, GError **error);
    /* The same for up to `rows` stems behind `after`, in order of their ids, as PeopleOrder. */
    bool (*after)(void *context, Db *db, int64_t after, int64_t rows, GArray *orders,
                  GError **error);
    /* Rises with every change of orders that are not rows of `orders` and `refund`; may be NULL. */
    int64_t (*version)(void *context);
} PeopleOrders;

typedef struct PeopleOrder {
    int64_t stem, at;
} PeopleOrder;

void people_set_orders(People *people, const PeopleOrders *orders);

/* An order that a server vouches for came with this address (as typed). Inside a unit of the
 * writer; an address nobody has is ignored. */
bool people_address_ordered(People *people, Db *db, IdentityKind kind, Slice address,
                            GError **error);

typedef struct PermissionCache PermissionCache;
PermissionCache *permission_cache_new(void);
void permission_cache_free(PermissionCache *cache);
