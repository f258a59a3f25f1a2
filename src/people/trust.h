/* people/trust.h: whose word counts more.
 *
 * Everything that reports a fact has one level. Where two sources differ, the higher level wins;
 * within a level the later report does (DESIGN.md section 5, "Orders", and promise 8).
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* Stored in `trust` columns: numbers are part of the schema, add only. */
typedef enum Trust {
    TRUST_TRACK = 10,  /* the public key: can be anybody */
    TRUST_INGEST = 20, /* a server that holds a secret key */
    TRUST_FILE = 30,   /* an export read by `kith import` */
    TRUST_SHOP = 40,   /* the shop's own API or signed webhook, or an `api` key */
    TRUST_PERSON = 45, /* the person, by a link only they were sent */
    TRUST_HAND = 50,   /* a member of the business typed it */
} Trust;

/* Sources and the shop that every store has. */
enum { SOURCE_ID_HAND = 1, SOURCE_ID_KITH = 2, SHOP_ID_DEFAULT = 1 };

/* "track", "ingest", "file", "shop", "person", "hand". */
const char *trust_name(Trust trust);

/* May this source join people, confirm addresses and override what servers said? */
static inline bool trust_is_server(Trust trust) { return trust > TRUST_TRACK; }
