/* people/person.h: what a member of the business does to a person by hand, and the person's page.
 *
 * A café has no web shop: people, facts, notes and tags are typed in. Every act names its actor
 * ("account 12", "key 3"). All but people_profile_json run inside a unit of the writer.
 *
 *     HandPerson input = {.name = "Ann Lee", .actor = "account 1", .at = clock_now_ms(),
 *                         .trust = TRUST_HAND};
 *     if (!people_create(people, db, &input, &person_id, error)) return false;
 */
#pragma once
#include <jansson.h>

#include "people/people.h"
#include "people/trust.h"

enum {
    NOTE_BODY_MAX = 10000, /* bytes */
    TAG_MAX = 60,          /* bytes of one tag */
    TAGS_MAX = 50,         /* of one person */
};

typedef struct HandPerson {
    const char *name, *email, *phone, *user_id; /* NULL = not given; at least one is */
    json_t *traits;                             /* object or NULL; borrowed */
    const char *note;                           /* or NULL */
    const char *actor;
    int64_t at;  /* UTC ms */
    Trust trust; /* TRUST_HAND, or TRUST_SHOP for an `api` key */
} HandPerson;

/* Makes a person. Errors: KITH_ERROR_INVALID (nothing given, or a value that names nobody),
 * KITH_ERROR_CONFLICT (somebody has this address, number or id: the message names them). */
bool people_create(People *people, Db *db, const HandPerson *input, int64_t *ret_person_id,
                   GError **error);

/* KITH_ERROR_NOT_FOUND unless this is a person (a root, not erased). Any thread. */
bool people_check(People *people, Db *db, int64_t person_id, GError **error);

/* Ties an address or telephone number to a person, by hand. Errors: KITH_ERROR_INVALID (none of its
 * kind), KITH_ERROR_CONFLICT (somebody else has it: merge them), KITH_ERROR_LIMIT. */
bool people_address_add(People *people, Db *db, int64_t person_id, IdentityKind kind,
                        const char *text, GError **error);

typedef struct HandText {
    int64_t person_id;
    const char *text; /* note's body, or a tag */
    const char *actor;
    int64_t at; /* UTC ms */
} HandText;

/* Errors: KITH_ERROR_NOT_FOUND, KITH_ERROR_INVALID (empty), KITH_ERROR_LIMIT. */
bool people_note_add(People *people, Db *db, const HandText *note, int64_t *ret_note_id,
                     GError **error);

/* Errors: KITH_ERROR_NOT_FOUND. */
bool people_note_delete(People *people, Db *db, int64_t person_id, int64_t note_id, GError **error);

typedef struct HandTags {
    int64_t person_id;
    const char *const *tags; /* `count` texts: what the person shall have from now on */
    size_t count;
    const char *actor;
    int64_t at; /* UTC ms */
} HandTags;

/* Errors: KITH_ERROR_NOT_FOUND, KITH_ERROR_INVALID (an empty tag), KITH_ERROR_LIMIT. */
bool people_tags_set(People *people, Db *db, const HandTags *input, GError **error);

/* Adds tags that the person lacks and takes none away, as an import does: an empty one is left out,
 * one over TAG_MAX bytes is cut, and beyond TAGS_MAX none is added. `ret_added` counts the new
 * ones. Errors: KITH_ERROR_NOT_FOUND. */
bool people_tags_add(People *people, Db *db, const HandTags *input, unsigned *ret_added,
                     GError **error);

/* Adds a note unless the person has one with the same text; a text over NOTE_BODY_MAX is cut.
 * Errors: KITH_ERROR_NOT_FOUND, KITH_ERROR_INVALID (empty). */
bool people_note_add_once(People *people, Db *db, const HandText *note, bool *ret_added,
                          GError **error);

/* Everything on the person's page but the timeline (GET /api/people/{id}); new reference, NULL on
 * failure. For somebody who was merged away: only {"id", "merged_into"}. Any thread. */
json_t *people_profile_json(People *people, Db *db, int64_t person_id, GError **error);
