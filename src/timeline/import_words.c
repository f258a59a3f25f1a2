#include "timeline/import_words.h"

#include "base/text.h"

/* Folded; what stands between "|" is one spelling. */
static const struct {
    ImportWord word;
    const char *spellings;
} words[] = {
    {WORD_NOTHING, "leer|empty|null|none|n/a|na|-|–|—|unknown|unbekannt|keine angabe|"
                   "never subscribed|enabled"},
    {WORD_YES, "yes|y|true|t|1|x|on|ok|ja|j|wahr|oui|o|vrai|si|sí|verdadero|sim|sì|vero|subscribed|"
               "subscribe|abonniert|angemeldet|opted in|opted-in|opt in|opt-in|optin|confirmed|"
               "bestätigt|eingewilligt|zugestimmt|granted|active|aktiv|inscrit|abonné"},
    {WORD_NO, "no|n|false|f|0|off|nein|falsch|non|faux|não|nao|not subscribed|not opted in|"
              "nicht abonniert|nicht angemeldet|disabled|inactive|inaktiv|declined|abgelehnt"},
    {WORD_PENDING, "pending|unconfirmed|unbestätigt|ausstehend|awaiting confirmation|"
                   "confirmation pending|en attente"},
    {WORD_UNSUBSCRIBED,
     "unsubscribed|unsubscribe|abgemeldet|abbestellt|opted out|opted-out|"
     "opt out|opt-out|optout|widerrufen|widersprochen|denied|désabonné|désinscrit|"
     "blocklisted|blacklisted|blacklist|gesperrt"},
    {WORD_BOUNCED, "bounced|bounce|hard bounce|hard bounced|hardbounce|hard|invalid|undeliverable|"
                   "unzustellbar|mailbox does not exist|ungültig"},
    {WORD_COMPLAINED, "complained|complaint|spam|spam complaint|marked as spam|abuse|beschwerde|"
                      "reported spam"},
    {WORD_CLEANED, "cleaned|bereinigt"},
    {WORD_MANUAL, "manual|manuell|suppressed|user suppressed|do not contact|do not mail|robinson"},
};

static bool spelling_among(const char *spellings, const char *text)
{
    size_t size = strlen(text);
    for (const char *at = spellings; *at;) {
        size_t length = strcspn(at, "|");
        if (length == size && memcmp(at, text, size) == 0) return true;
        at += length + (at[length] == '|');
    }
    return false;
}

ImportWord import_word(Slice cell)
{
    Slice trimmed = text_trim(cell);
    if (!trimmed.size) return WORD_NOTHING;
    if (trimmed.size > 60) return WORD_UNKNOWN;
    g_autofree char *folded = text_fold(trimmed);
    for (char *at = folded; *at; at++)
        if (*at == '_') *at = ' ';
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (spelling_among(words[i].spellings, folded)) return words[i].word;
    return WORD_UNKNOWN;
}

const char *import_word_name(ImportWord word)
{
    static const char *const names[] = {
        [WORD_YES] = "yes",         [WORD_NO] = "no",
        [WORD_PENDING] = "pending", [WORD_UNSUBSCRIBED] = "unsubscribed",
        [WORD_BOUNCED] = "bounced", [WORD_COMPLAINED] = "complained",
        [WORD_CLEANED] = "cleaned", [WORD_MANUAL] = "manual",
        [WORD_UNKNOWN] = NULL,
    };
    return names[word];
}

bool import_word_suppresses(ImportWord word)
{
    return word >= WORD_UNSUBSCRIBED && word <= WORD_MANUAL;
}

/* ---- what a list is ----------------------------------------------------------------------- */

/* Columns, as import_header_key gives them, that only such lists have. */
static const char *const suppression_headers[] = {
    "unsubtime",      "unsubcampaigntitle", "cleantime",      "cleancampaigntitle",
    "unsubscribedat", "unsubscribedate",    "unsubscribedon", "optoutdate",
    "optedoutat",     "unsubscribereason",  "bouncetype",     "bouncereason",
    "bouncedat",      "suppressionreason",  "suppressedat",   "abgemeldetam",
    "abmeldedatum",   "abmeldegrund",       "sperrgrund",     "blocklistedat",
};

static const char *const suppression_names[] = {
    "unsub",     "abgemeldet", "abmeld",  "abbestell", "bounce",  "suppress",   "blacklist",
    "blocklist", "sperrliste", "cleaned", "optout",    "opt-out", "opt_out",    "robinson",
    "donotmail", "do-not-",    "do_not_", "widerspr",  "désabon", "complaints",
};

enum { SHAPE_CELLS_MIN = 3, SHAPE_PERCENT = 80 };

static char *hint_by_header(const ImportPlan *plan)
{
    for (size_t i = 0; i < plan->column_count; i++) {
        g_autofree char *key = import_header_key(slice_of(plan->headers[i]));
        for (size_t k = 0; k < G_N_ELEMENTS(suppression_headers); k++)
            if (strcmp(key, suppression_headers[k]) == 0)
                return g_strdup_printf("the column \"%s\"", plan->headers[i]);
    }
    return NULL;
}

static char *hint_by_name(const char *name)
{
    g_autofree char *folded = text_fold(slice_of(name));
    for (size_t i = 0; i < G_N_ELEMENTS(suppression_names); i++)
        if (strstr(folded, suppression_names[i]))
            return g_strdup_printf("the file's name \"%s\"", name);
    return NULL;
}

/* Whether most of what a column says is that somebody must not be written to. */
static bool column_suppresses(const ImportPlan *plan, size_t column)
{
    guint said = 0, suppressing = 0;
    for (guint i = 0; i < plan->rows->len; i++) {
        char **row = plan->rows->pdata[i];
        if (g_strv_length(row) <= column || !*row[column]) continue;
        said++;
        suppressing += import_word_suppresses(import_word(slice_of(row[column])));
    }
    return said >= SHAPE_CELLS_MIN && suppressing * 100 >= said * SHAPE_PERCENT;
}

static char *hint_by_shape(const ImportPlan *plan)
{
    for (size_t i = 0; i < plan->column_count; i++)
        if (column_suppresses(plan, i))
            return g_strdup_printf("what the column \"%s\" says", plan->headers[i]);
    return NULL;
}

char *import_suppression_hint(const ImportPlan *plan, const char *name)
{
    char *hint = hint_by_header(plan);
    if (!hint && name) hint = hint_by_name(name);
    return hint ? hint : hint_by_shape(plan);
}
