#include "timeline/import_consent.h"

#include "base/text.h"
#include "people/consent.h"
#include "people/permission.h"

typedef struct Word {
    ConsentState state; /* CONSENT_UNKNOWN: nothing is said */
    DenialReason reason;
} Word;

static const Word words[] = {
    [WORD_NOTHING] = {CONSENT_UNKNOWN, 0},
    [WORD_YES] = {CONSENT_GRANTED, 0},
    [WORD_NO] = {CONSENT_DECLINED, 0},
    [WORD_PENDING] = {CONSENT_PENDING, 0},
    [WORD_UNSUBSCRIBED] = {CONSENT_DENIED, DENIAL_UNSUBSCRIBED},
    [WORD_BOUNCED] = {CONSENT_DENIED, DENIAL_BOUNCED},
    [WORD_COMPLAINED] = {CONSENT_DENIED, DENIAL_COMPLAINED},
    [WORD_CLEANED] = {CONSENT_DENIED, DENIAL_CLEANED},
    [WORD_MANUAL] = {CONSENT_DENIED, DENIAL_MANUAL},
    [WORD_UNKNOWN] = {CONSENT_UNKNOWN, 0},
};

/* ---- what the row says -------------------------------------------------------------------- */

static ImportWord email_word(const ImportPlan *plan, const ImportRow *row)
{
    bool list = plan->kind == IMPORT_CONSENTS;
    ImportWord word = import_word(row->text[COLUMN_ACCEPTS_EMAIL]);
    ImportWord status = list ? import_word(row->text[COLUMN_STATUS]) : WORD_NOTHING;
    word = MAX(word, status); /* of two words the stricter */
    return word == WORD_NOTHING && list ? import_word(slice_of(plan->says)) : word;
}

/* The reason as the row, else the file, says it; else it is just on the list. */
static ImportWord suppression_word(const ImportPlan *plan, const ImportRow *row)
{
    const ImportWord said[] = {import_word(row->text[COLUMN_REASON]),
                               import_word(row->text[COLUMN_STATUS]),
                               import_word(slice_of(plan->says))};
    for (size_t i = 0; i < G_N_ELEMENTS(said); i++)
        if (import_word_suppresses(said[i])) return said[i];
    return WORD_MANUAL;
}

ImportWord import_saying_word(const ImportPlan *plan, const ImportRow *row)
{
    if (plan->kind == IMPORT_SUPPRESSIONS) return suppression_word(plan, row);
    bool says = plan->kind == IMPORT_CONSENTS || plan->kind == IMPORT_CUSTOMERS;
    return says ? email_word(plan, row) : WORD_NOTHING;
}

static bool is_inviting(ImportWord word) { return word == WORD_YES || word == WORD_PENDING; }

bool import_saying_invites(const ImportPlan *plan, const ImportRow *row)
{
    return is_inviting(email_word(plan, row)) ||
           is_inviting(import_word(row->text[COLUMN_ACCEPTS_SMS]));
}

/* ---- writing ------------------------------------------------------------------------------ */

typedef struct Said {
    const ImportSaying *saying;
    Word word;
    const char *channel, *topic, *address;
    int64_t stem, at;
} Said;

static const Say *latest_find(const GArray *says, int64_t source_id)
{
    const Say *latest = NULL;
    for (guint i = 0; i < says->len; i++) {
        const Say *say = &g_array_index(says, Say, i);
        if (say->source_id != source_id) continue;
        bool newer =
            !latest || say->occurred_at > latest->occurred_at ||
            (say->occurred_at == latest->occurred_at && say->consent_id > latest->consent_id);
        if (newer) latest = say;
    }
    return latest;
}

/* Whether the source's latest word about this address makes the row no news; else sets `at`. */
static bool news_find(Said *said, bool *ret_news, GError **error)
{
    const ImportSaying *saying = said->saying;
    const ImportRun *run = saying->run;
    g_autoptr(GArray) says = g_array_new(FALSE, FALSE, sizeof(Say));
    ConsentQuery query = {.address = said->address,
                          .channel = said->channel,
                          .topic = said->topic,
                          .at_ms = INT64_MAX,
                          .known_at_ms = INT64_MAX};
    if (!people_address_says(run->parts->people, saying->db, &query, says, error)) return false;
    const Say *latest = latest_find(says, run->source_id);
    /* A customer's date is when they registered, not when they said so. */
    bool dated = saying->row->at.set && !(latest && run->plan->kind == IMPORT_CUSTOMERS);
    said->at = dated ? MIN(saying->row->at.value, saying->now) : saying->now;
    bool same = latest && latest->state == said->word.state &&
                (latest->state != CONSENT_DENIED || latest->reason == said->word.reason);
    *ret_news = !same && !(latest && dated && latest->occurred_at > said->at);
    return true;
}

static char *proof_make(const ImportSaying *saying)
{
    Slice proof = text_cut(saying->row->text[COLUMN_PROOF], 500);
    return g_strdup_printf("import %" G_GINT64_FORMAT ", line %" G_GINT64_FORMAT "%s%.*s",
                           saying->run->import_id, saying->row->line, proof.size ? ": " : "",
                           (int)proof.size, proof.data);
}

static bool said_write(Said *said, unsigned *in_out_written, GError **error)
{
    const ImportSaying *saying = said->saying;
    const ImportRun *run = saying->run;
    bool news;
    if (!news_find(said, &news, error)) return false;
    if (!news) return true;
    bool denied = said->word.state == CONSENT_DENIED;
    const char *given =
        run->plan->kind == IMPORT_CUSTOMERS ? "given to the shop" : "given elsewhere";
    g_autofree char *proof = proof_make(saying);
    ConsentInput input = {.stem = said->stem,
                          .address = said->address,
                          .channel = said->channel,
                          .topic = denied ? "*" : said->topic,
                          .state = said->word.state,
                          .reason = said->word.reason,
                          .basis = denied ? denial_reason_name(said->word.reason) : given,
                          .proof = proof,
                          .actor = "import",
                          .source_id = run->source_id,
                          .trust = TRUST_FILE,
                          .occurred_at = said->at,
                          .received_at = saying->now};
    ++*in_out_written;
    return people_consent_put(run->parts->people, saying->db, &input, error);
}

static const struct {
    const char *channel;
    ImportFieldId address;
    IdentityKind kind;
} channels[] = {{"email", COLUMN_EMAIL, IDENTITY_EMAIL}, {"sms", COLUMN_PHONE, IDENTITY_PHONE}};

/* One word about the address of one channel. */
static bool word_write(const ImportSaying *saying, size_t channel, Word word,
                       unsigned *in_out_written, GError **error)
{
    const ImportRow *row = saying->row;
    Slice text = row->text[channels[channel].address], topic = row->text[COLUMN_TOPIC];
    IdentityValue value;
    if (word.state == CONSENT_UNKNOWN) return true;
    if (identity_normalize(channels[channel].kind, text, &value) != IDENTITY_USABLE) return true;
    g_autofree char *about = topic.size ? g_strndup(topic.data, topic.size) : NULL;
    People *people = saying->run->parts->people;
    Said said = {.saying = saying,
                 .word = word,
                 .channel = channels[channel].channel,
                 .topic = about ? about : PERMISSION_TOPIC,
                 .address = value.text,
                 .stem = saying->stem};
    if (!said.stem) said.stem = people_find(people, channels[channel].kind, 0, text);
    return said_write(&said, in_out_written, error);
}

bool import_saying_write(const ImportSaying *saying, unsigned *in_out_written, GError **error)
{
    Word email = words[email_word(saying->run->plan, saying->row)];
    Word sms = words[import_word(saying->row->text[COLUMN_ACCEPTS_SMS])];
    return word_write(saying, 0, email, in_out_written, error) &&
           word_write(saying, 1, sms, in_out_written, error);
}

bool import_suppression_write(const ImportSaying *saying, unsigned *in_out_written, GError **error)
{
    Word word = words[suppression_word(saying->run->plan, saying->row)];
    for (size_t i = 0; i < G_N_ELEMENTS(channels); i++)
        if (!word_write(saying, i, word, in_out_written, error)) return false;
    return true;
}
