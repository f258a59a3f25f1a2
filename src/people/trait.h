/* people/trait.h: facts about a person: a ledger with source, trust and both times.
 *
 * Nothing is overwritten: a report that says something new is a row. The *current* value is that of
 * the most trusted source, and within one level the latest to have occurred. What the public key
 * says about a person known from a server is kept as *unconfirmed*: shown, never current, never
 * written to. A report that repeats what its level already said at that time writes nothing.
 *
 * Times: `--at T` asks with `at_ms` (what we know today about T), `--known-at T` with
 * `known_at_ms` (what we knew then).
 *
 *     TraitValue traits[] = {{SLICE("country"), SLICE("\"DE\"")}};
 *     TraitReport report = {.stem = who.stem, .source_id = …, .trust = …, .occurred_at = …,
 *                           .received_at = …, .traits = traits, .count = 1};
 *     if (!people_traits_put(people, db, &report, NULL, error)) return false;
 */
#pragma once
#include <jansson.h>

#include "people/people.h"
#include "people/trust.h"

enum {
    TRAIT_NAME_MAX = 100,    /* bytes */
    TRAIT_VALUE_MAX = 8192,  /* bytes of JSON */
    TRAIT_NAMES_MAX = 500,   /* of one stem: further names are refused */
    TRAIT_REPORT_MAX = 1000, /* values of one report */
};

typedef struct TraitValue {
    Slice name; /* UTF-8, 1..TRAIT_NAME_MAX bytes */
    Slice json; /* any JSON value; null ends the trait */
} TraitValue;

typedef struct TraitReport {
    int64_t stem; /* > 0: visitors have no traits */
    int64_t source_id;
    Trust trust;
    int64_t occurred_at, received_at; /* UTC ms */
    const TraitValue *traits;
    size_t count;
} TraitReport;

typedef struct TraitOutcome {
    unsigned written;     /* rows added */
    unsigned unchanged;   /* said before */
    unsigned unconfirmed; /* of `written`: kept aside, see above */
    unsigned refused;     /* over a limit, or the name is empty */
} TraitOutcome;

/* Stores one report and brings the summary row up to date. `ret_outcome` may be NULL. A few rows a
 * value. Inside a unit of the writer. Fails only with the database. */
bool people_traits_put(People *people, Db *db, const TraitReport *report, TraitOutcome *ret_outcome,
                       GError **error);

typedef struct TraitQuery {
    int64_t person_id;
    const char *name;    /* NULL = all */
    int64_t at_ms;       /* only what occurred up to then; INT64_MAX = now */
    int64_t known_at_ms; /* only what was received up to then; INT64_MAX = now */
} TraitQuery;

/* All traits of a person as of now. */
#define TRAITS_NOW(person) (&(TraitQuery){(person), NULL, INT64_MAX, INT64_MAX})

/* One value as of a time; texts are owned. */
typedef struct Trait {
    char *name;
    char *json;
    int64_t stem, source_id;
    int64_t occurred_at, received_at;
    Trust trust;
    bool unconfirmed; /* shown beside the current value, or alone when there is none */
} Trait;

void trait_free(Trait *trait);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Trait, trait_free)

/* The current values over all stems, sorted by name, each followed by its unconfirmed rival if
 * there is one. Elements are Trait; NULL on failure. Any thread. */
GPtrArray *people_traits_load(People *people, Db *db, const TraitQuery *query, GError **error);
