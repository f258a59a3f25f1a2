/* segments/feed_traits.h: what is known of people, held in columns.
 *
 * A trait, what lists show of people, and the tags each are occurrences of a name of their own in
 * the event columns. FEED_NAME_TRAITS and the LIMIT_FEED_TRAITS - 1 behind it are slots; the path
 * of a name's first property, its *key*, says what a slot holds, so that an older view cannot be
 * misread:
 *
 *     "trait NAME"   one occurrence for each confirmed row of `trait`: at occurred_at, id trait_id.
 *                    Properties: the value, the trust (as a text) and by how many ms it was
 *                    received later (a bare number; missing: none). An unconfirmed row never is
 *                    current and is not held.
 *     "shown NAME"   one for each listed person who has it (name, email, phone, country), with the
 *                    value; of created_at one for each, without. At: when they were made.
 *     "tags"         one for each tag of a stem, with its fold as a text. At: when it was put on.
 *
 * A value is a number where its text in the ledger is just how that number is written, else
 * *other*: the JSON as it stands. Beyond the budget of its dictionary a name is not held: SQL
 * answers. Which value is current is fill_traits.h's matter.
 *
 * Whatever changes about a stem's traits or tags, or about what lists show of it, its rows are
 * read again, in all slots: so nothing can be counted twice.
 */
#pragma once
#include "segments/evaluate.h"
#include "segments/feed.h"

#define FEED_NAME_TRAITS 0x7fff0000U
enum { FEED_TRAIT_VALUE, FEED_TRAIT_TRUST, FEED_TRAIT_LAG, FEED_TRAIT_PATHS };

typedef enum FeedTraitKind { FEED_TRAIT, FEED_SHOWN, FEED_TAGS } FeedTraitKind;

typedef struct FeedTraitAsk {
    FeedTraitKind kind;
    const char *name; /* NULL for FEED_TAGS */
    FeedNeed need;
} FeedTraitAsk;

/* What a view holds of it, or NULL. `name` may be NULL for FEED_TAGS. */
const EventName *feed_trait_find(const EventView *view, FeedTraitKind kind, const char *name);

/* Says that it is needed: it is held from some moments later on, in place of what was not needed
 * for the longest time. Any thread, without a reader in hand. Errors: KITH_ERROR_LIMIT. */
bool feed_trait_want(Feed *feed, const FeedTraitAsk *ask, GError **error);

/* The JSON of a cell's value; the caller's. Kept by columns, so that it is always readable. */
json_t *feed_trait_json(const EventProperty *property, int64_t cell);

/* A number held as the text it was sent as; `text` has room for FEED_NUMBER_SIZE. */
enum { FEED_NUMBER_SIZE = 32 };
void feed_trait_number(int64_t micros, char text[FEED_NUMBER_SIZE]);

/* Whether all values of a name can be read: none is a hash. */
static inline bool feed_trait_is_whole(const EventName *name)
{
    const EventProperty *value = &name->properties[FEED_TRAIT_VALUE];
    return !value->texts_hashed && !value->other_hashed;
}

/* A cell's value as the text it was sent as: kept by the view, or written into `number`. */
const char *feed_trait_text(const EventProperty *property, int64_t cell,
                            char number[FEED_NUMBER_SIZE]);

int64_t feed_trait_trust(const EventName *name, int64_t cell);

/* The row of a trait that an occurrence is; `value` as feed_trait_text. */
void feed_trait_fact(const EventName *name, const EventHit *hit, char number[FEED_NUMBER_SIZE],
                     FactTrait *ret_fact);
