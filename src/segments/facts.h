/* segments/facts.h: what the leaves of some rules need to know of a few people, read once and told
 * at as many moments as one likes.
 *
 * An Evaluation that bears a Facts keeps what its scans read instead of telling its leaves;
 * facts_tell then tells the leaves of another Evaluation, planned for another moment. So one
 * reading answers how a rule stands at each of many instants. Private to segments/; one owner.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct Evaluation Evaluation;

typedef enum TapSource { TAP_EVENTS, TAP_ORDERS, TAP_REFUNDS, TAP_SOURCES } TapSource;

/* One occurrence. */
typedef struct Seen {
    TapSource source;
    int64_t name_id, stem, at, id;
    bool money; /* its money counts: a server said so */
    const json_t *payload;
} Seen;

/* A row of `trait`; borrowed texts. */
typedef struct FactTrait {
    int64_t stem;
    const char *name, *value;
    int64_t trait_id, trust, occurred_at, received_at;
    bool confirmed;
} FactTrait;

typedef struct FactTag {
    int64_t stem;
    const char *tag;
    int64_t at; /* when it was put on */
} FactTag;

/* A row of `segment_pick`. */
typedef struct FactPick {
    int64_t stem, segment_id;
    int64_t added_at, removed_at; /* UTC ms; removed_at INT64_MAX: still on the list */
} FactPick;

/* What a list shows of a person; NULL where nothing is known. */
typedef struct FactShown {
    int64_t person;
    const char *name, *email, *phone, *country;
    int64_t created_at;
} FactShown;

/* Who is told of rows instead of the leaves. */
typedef struct FactSink {
    void (*trait)(void *data, const FactTrait *trait);
    void (*shown)(void *data, const FactShown *shown);
    void (*tag)(void *data, const FactTag *tag);
} FactSink;

/* What is shown under a name as JSON; NULL: nothing is known. The caller frees. */
char *fact_shown_json(const FactShown *shown, const char *name);

typedef struct Facts {
    GArray *seen, *traits, *tags, *picks,
        *shown; /* of the structs above; texts and payloads are owned */
    GStringChunk *texts;
} Facts;

void facts_init(Facts *facts);
void facts_clear(Facts *facts);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Facts, facts_clear)

/* Each copies. */
void facts_add_seen(Facts *facts, const Seen *seen);
void facts_add_trait(Facts *facts, const FactTrait *trait);
void facts_add_tag(Facts *facts, const FactTag *tag);
void facts_add_pick(Facts *facts, const FactPick *pick);
void facts_add_shown(Facts *facts, const FactShown *shown);

/* Tells an evaluation, planned and of the same people, everything. */
void facts_tell(const Facts *facts, Evaluation *evaluation);
