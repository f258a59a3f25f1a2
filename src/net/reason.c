#include "net/reason.h"

#include <string.h>

typedef struct Reason {
    const char *code;    /* of the API and of the catalogues, for ever */
    const char *pattern; /* the sentence, `*` for each value; the first that fits counts */
} Reason;

static const Reason reasons[] = {
    /* rows of a file */
    {"date-unreadable", "date \"*\": not a date"},
    {"date-year", "date \"*\": the year is outside 1970 to 9999"},
    {"date-impossible", "date \"*\": there is no such day or time"},
    {"date-number", "date \"*\": not a number of the range 1970 to 9999"},
    {"date-missing", "there is no date"},
    {"currency-unknown", "currency \"*\" is not known; use an ISO 4217 code such as EUR"},
    {"number-comma", "*: number \"*\" cannot be read with a decimal comma"},
    {"number-point", "*: number \"*\" cannot be read with a decimal point"},
    {"amount-large", "*: the amount is too large"},
    {"product-large", "quantity times price is too large"},
    {"order-missing", "there is no order number"},
    {"product-missing", "there is no product number"},
    {"item-unnamed", "*: there is neither \"name:\" nor \"sku:\""},
    {"order-lines", "*the order has more than * lines"},
    {"order-large", "line *: the order is too large"},
    {"rate-incomplete", "a rate needs a currency and a date"},
    {"rate-zero", "rate: must be above 0"},
    {"customer-missing", "there is no customer number, e-mail address or phone"},
    {"event-incomplete", "an event needs a name and a date"},
    {"nobody", "nobody is named"},
    {"word-unknown", "*: \"*\" is neither yes nor no"},
    {"word-wrong", "status: \"*\" is no reason never to write"},
    {"address-missing", "there is no e-mail address or phone"},
    {"address-unusable", "E-mail address is *"},
    {"phone-unusable", "Telephone number is *"},
    {"quote-open", "the line is a quote that does not end"},
    {"not-utf8", "the line is not valid UTF-8"},
    {"nul", "the line is a NUL byte"},
    /* files and imports */
    {"list-mixed", "*: are these addresses that are never to be written to? *"},
    {"file-empty", "the file is empty"},
    {"file-no-lines", "the file has no lines"},
    {"kind-unknown", "cannot tell what is in this file; *"},
    {"format-differs", "this is not an export of *: its header differs"},
    {"not-ready", "* cannot be imported yet: missing *"},
    {"field-unknown", "* have no field \"*\""},
    {"list-column", "the file has no column \"*\"; it has *"},
    {"column-unknown", "the file has no column \"*\""},
    {"columns-many", "line *: more than * columns"},
    {"record-large", "line *: a record is over * bytes; *"},
    {"file-shorter", "the file is shorter than where the import had stopped; import it anew"},
    {"file-closed", "could not open *: *"},
    {"file-broken", "could not read the file: *"},
    {"import-other", "another import is running; wait for its end"},
    {"import-known", "this file was imported already"},
    {"import-running", "the import is running; stop it first"},
    {"import-stopped", "the import was stopped; start it to go on"},
    /* fields of a form */
    {"required", "is required"},
    {"empty", "must not be empty"},
    {"range", "must be * to *"},
    {"text-long", "must be at most * bytes long"},
    {"text-short", "must be at least * bytes long"},
    {"text-nul", "must not contain a NUL character"},
    {"list-size", "must have * to * items"},
    {"choice", "must be one of: *"},
    {"date", "must be a date, as 2026-01-31"},
    {"date", "no such date"},
    {"date-order", "must lie after from"},
    {"whole-number", "must be a whole number"},
    {"number", "must be a number"},
    {"email", "is not an address"},
    {"email", "email: this is not an address"},
    {"currency", "is not a currency code, as GBP or EUR"},
    {"zone", "is not a time zone, as Europe/London"},
    {"event-unseen", "no event of this name was seen"},
    {"event-kept", "figures stand on these events: kept for ever"},
    /* acts that the state does not allow */
    {"email-taken", "email: somebody has this address already"},
    {"password-short", "password: at least * characters"},
    {"password-long", "password: at most * bytes"},
    {"password-address", "password: not the address itself"},
    {"password-known", "password: this one is on every list: choose another"},
    {"name-long", "name: at most * bytes"},
    {"link-over", "this link was used, is over, or is not one of ours"},
    {"set-up", "Kith is set up already: sign in"},
    {"owner-last", "this is the last owner: make another one owner first"},
    {"person-nameless", "a person needs a name, an address, a number or an id"},
    {"note-empty", "a note needs a text"},
    {"merge-undone", "this merge was undone before"},
    {"merge-same", "* is this person already"},
    {"currency-none", "the business has no currency yet: set it in the settings, or send one"},
    {"segment-used", "segment \"*\" is named by segment \"*\""},
    {"segment-taken", "there is a segment \"*\" already"},
    {"segment-many", "at most * segments can be kept"},
    {"segment-list", "segment \"*\" is a list of people and has no rule to change"},
    {"segment-rule", "segment \"*\" is a rule: nobody can be put on it by hand"},
    {"list-long", "a list has at most * people, not *"},
    {"list-rows", "a list is read from at most * rows; this file has more"},
    {"list-no-rows", "the file has no row below its header"},
    {"list-guess", "no column looks like an e-mail address, a customer id or a person id: name it"},
    {"segments-watched", "at most * segments can be watched*"},
    {"rule-own", "a rule about \"Segment Entered\" or \"Segment Exited\" cannot be watched: *"},
    {"rule-event-near", "unknown event \"*\": did you mean \"*\"?"},
    {"rule-event", "unknown event \"*\": nothing of that name has come in yet"},
    {"rule-segment-near", "unknown segment \"*\": did you mean \"*\"?"},
    {"rule-segment", "unknown segment \"*\""},
    {"rule-currency", "amounts are compared in the business's currency, *, not in *"},
    {"rule-circle", "segment \"*\" leads back to itself"},
    {"rule-trait", "nobody has a trait of that name"},
    /* the text of a rule, at its place */
    {"rule-expected-near", "expected *, not *: did you mean *?"},
    {"rule-expected-number", "expected *, not a number"},
    {"rule-expected", "expected *, not *"},
    {"rule-ends", "the rule ends where * was expected"},
    {"rule-large", "the rule is too large"},
    {"rule-bytes", "a rule has at most * bytes: *"},
    {"rule-parts", "a rule has at most * parts: *"},
    {"rule-deep", "brackets and not may be nested * deep: *"},
    {"rule-utf8", "the rule is not UTF-8 text"},
    {"rule-json-deep", "the rule's JSON is too deep or too long"},
    {"rule-quote", "this text has no closing quote"},
    {"rule-apostrophe", "texts stand in double quotes"},
    {"rule-digit", "a name cannot begin with a digit: write it in double quotes"},
    {"rule-sign", "the sign * has no meaning here"},
    {"rule-number", "the number * is too large, or has more than 6 decimals"},
    {"rule-whole", "this number must be a whole one, * to *"},
    {"rule-range", "this number must be * to *"},
    {"rule-nth", "this must be 1st to *th"},
    {"rule-percentage", "a percentage is 0 to 100"},
    {"rule-top", "top takes a whole number of people, or 0 to 100 %"},
    {"rule-text", "\"*\" takes a text in double quotes"},
    {"rule-amount-number", "an amount is compared with a number"},
    {"rule-amount-sign", "an amount is compared with = != < <= > >= or between"},
    {"rule-between", "between takes two values of one kind"},
    {"rule-order", "true and false have no order"},
    {"rule-list", "this list is too long"},
    {"rule-nested", "a nested name has at most * parts"},
    {"rule-context-near", "of an event's context * are kept: did you mean *?"},
    {"rule-context", "of an event's context * are kept"},
    {"rule-stage-near", "a stage is *, in double quotes: did you mean *?"},
    {"rule-stage", "a stage is *, in double quotes"},
    {"rule-date", "there is no date *"},
    {"rule-ages", "nothing lies between two equal ages"},
    {"rule-past", "events lie in the past: only dates, birthdays and anniversaries lie ahead"},
    {"rule-days", "birthdays and anniversaries lie in days: *"},
    {"rule-unit", "write both numbers in the same unit"},
    {"rule-month", "months and years are of several lengths: write 30 days"},
    {"rule-step-window", "the window of a sequence stands behind its first step; *"},
    {"rule-step-last", "and not then is the last step of a sequence"},
    {"rule-steps", "a sequence has at most * steps"},
    {"rule-sequence", "a sequence begins with did, without not and without a number of times: *"},
    {"rule-at", "\"*\" is no date: write 2024-03-31 or 2024-03-31T18:00"},
    {"rule-dates", "* lies after *"},
    {"segment-name", "a segment's name has 1 to * bytes"},
    {"segment-circle", "the segment would lead back to itself"},
    {"channel-address", "this is no address of channel '*'"},
};

static const Field reason_fields[] = {
    {"code", FIELD_TEXT, .required = true, .doc = "Stable; the sentence is not."},
    {"values", FIELD_TEXTS, .required = true, .doc = "What the sentence is about, in its order."},
};
const Schema reason_schema = SCHEMA_REPLY("Reason", reason_fields);

typedef struct Values {
    size_t count;
    struct {
        const char *text;
        size_t size;
    } at[REASON_VALUES_MAX];
} Values;

/* The last part must end the sentence; any other may stand anywhere. */
static const char *part_find(const char *text, const char *part, size_t size, bool last)
{
    size_t length = strlen(text);
    if (!last) return memmem(text, length, part, size);
    bool ends = length >= size && memcmp(text + length - size, part, size) == 0;
    return ends ? text + length - size : NULL;
}

/* Each `*` takes as little as it can, the last one up to the end of the pattern's last part. */
static bool pattern_fits(const char *pattern, const char *text, Values *values)
{
    size_t size = strcspn(pattern, "*");
    if (strncmp(pattern, text, size) != 0) return false;
    *values = (Values){0};
    for (pattern += size, text += size; *pattern; pattern += size) {
        pattern++;
        size = strcspn(pattern, "*");
        const char *end = part_find(text, pattern, size, pattern[size] == '\0');
        g_assert(values->count < REASON_VALUES_MAX);
        if (!end) return false;
        values->at[values->count].text = text;
        values->at[values->count++].size = (size_t)(end - text);
        text = end + size;
    }
    return *text == '\0';
}

static json_t *values_json(const Values *values)
{
    json_t *list = json_array();
    for (size_t i = 0; i < values->count; i++) {
        g_autofree char *text = g_utf8_make_valid(values->at[i].text, (gssize)values->at[i].size);
        json_array_append_new(list, json_string(text));
    }
    return list;
}

/* A rule's mistake bears its place in front where only a sentence is told. */
static const char *place_skip(const char *sentence)
{
    static const char place[] = "line #, column #: ";
    const char *at = sentence;
    for (const char *want = place; *want; want++) {
        size_t size = *want == '#' ? strspn(at, "0123456789") : *at == *want;
        if (size == 0) return sentence;
        at += size;
    }
    return at;
}

json_t *reason_json(const char *sentence)
{
    Values values;
    if (!sentence || strlen(sentence) > REASON_SENTENCE_MAX) return json_null();
    sentence = place_skip(sentence);
    for (size_t i = 0; i < G_N_ELEMENTS(reasons); i++)
        if (pattern_fits(reasons[i].pattern, sentence, &values))
            return json_pack("{s:s, s:o}", "code", reasons[i].code, "values", values_json(&values));
    return json_null();
}
