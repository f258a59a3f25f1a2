#include "people/consent.h"
#include "people/person.h"
#include "people/trait.h"
#include "segments/model.h"

/* What is said of people: told to the store, and kept. */

const char *const model_trait_names[TRAITS] = {"size",  "nick",     "vip",    "likes",
                                               "since", "scores",   "home",   "pets",
                                               "mixed", "birthday", "country"};
const char *const model_channels[4] = {"email", "sms", "post", "push"};
const char *const model_topics[3] = {"newsletter", "offers", "*"};
const char *const model_tags[4] = {"Wholesale", "press", "Größe", "B2B"};

/* ---- values ---- */

static const struct {
    const char *text, *fold;
} words[] = {{"Shoes", "shoes"},
             {"hats", "hats"},
             {"BAGS", "bags"},
             {"Müller", "müller"},
             {"MÜLLER Süd", "müller süd"},
             {"Tea Rose", "tea rose"},
             {"ROSETTE", "rosette"},
             {"38", "38"},
             {"a%b_c", "a%b_c"}};

void model_date_make(Value *value)
{
    *value = (Value){.type = TEXT, .dated = true};
    int64_t at = FIXTURE_NOW - (model_below(420) - 60) * DAY - model_below((int)DAY);
    int shape = model_below(3);
    int year, month, day;
    civil_from_days(model_day_of(at), &year, &month, &day);
    if (shape < 2) {
        value->from = model_midnight(model_day_of(at));
        value->to = model_midnight(model_day_of(at) + 1);
        g_snprintf(value->text, MODEL_TEXT, "%04d-%02d-%02d", year, month, day);
    } else {
        value->from = at / 1000 * 1000;
        value->to = value->from + 1;
        char time[DATE_TEXT_SIZE];
        date_format_iso(value->from, time);
        g_snprintf(value->text, MODEL_TEXT, "%.19sZ", time);
    }
    g_autofree char *small = g_ascii_strdown(value->text, -1);
    g_strlcpy(value->fold, small, MODEL_TEXT);
}

static void value_make(Value *value, int type)
{
    *value = (Value){.type = type < 0 ? model_below(3) : type};
    value->number = (model_below(12) - 1) * (int64_t)MICROS / (1 + model_below(2));
    value->flag = model_below(2);
    int word = model_below(G_N_ELEMENTS(words));
    if (value->type != TEXT) return;
    g_strlcpy(value->text, words[word].text, MODEL_TEXT);
    g_strlcpy(value->fold, words[word].fold, MODEL_TEXT);
}

void model_values_make(Values *values, int type, bool list)
{
    *values = (Values){.count = list ? model_below(ITEMS_MAX + 1) : 1, .list = list};
    for (int i = 0; i < values->count; i++)
        value_make(&values->items[i], type);
}

static void value_print(const Value *value, GString *json)
{
    int64_t cents = ABS(value->number) / (MICROS / 100);
    if (value->type == TEXT)
        g_string_append_printf(json, "\"%s\"", value->text);
    else if (value->type == FLAG)
        g_string_append(json, value->flag ? "true" : "false");
    else
        g_string_append_printf(json, "%s%d.%02d", value->number < 0 ? "-" : "", (int)(cents / 100),
                               (int)(cents % 100));
}

void model_values_print(const Values *values, GString *json)
{
    if (values->list) g_string_append_c(json, '[');
    for (int i = 0; i < values->count; i++) {
        g_string_append(json, i ? "," : "");
        value_print(&values->items[i], json);
    }
    if (values->list) g_string_append_c(json, ']');
    if (!values->list && values->count == 0)
        g_string_append(json, model_below(2) ? "null" : "\"\"");
}

/* ---- traits ---- */

/* Many on 29 February; a third without a year. */
static void birthday_make(ModelFact *fact)
{
    Value *value = &fact->values.items[0];
    bool leap = model_below(4) == 0;
    fact->month = leap ? 2 : 1 + model_below(12);
    fact->day = leap ? 29 : 1 + model_below(28);
    fact->born = model_below(3) ? 1972 + 4 * model_below(8) : 0;
    fact->values.count = 1;
    *value = (Value){.type = TEXT, .dated = fact->born > 0};
    if (fact->born)
        g_snprintf(value->text, MODEL_TEXT, "%04d-%02d-%02d", fact->born, fact->month, fact->day);
    else
        g_snprintf(value->text, MODEL_TEXT, "--%02d-%02d", fact->month, fact->day);
    g_strlcpy(value->fold, value->text, MODEL_TEXT);
    if (!fact->born) return;
    value->from = model_midnight(days_from_civil(fact->born, fact->month, fact->day));
    value->to = model_midnight(days_from_civil(fact->born, fact->month, fact->day) + 1);
}

static void fact_make(ModelFact *fact)
{
    static const int types[TRAITS] = {
        [SIZE] = NUMBER,   [NICK] = TEXT, [VIP] = FLAG,  [LIKES] = TEXT, [SINCE] = TEXT,
        [SCORES] = NUMBER, [HOME] = TEXT, [PETS] = TEXT, [MIXED] = -1,   [COUNTRY] = TEXT};
    TraitName trait = fact->trait;
    bool list = trait == LIKES || trait == SCORES || trait == PETS;
    bool none = trait != COUNTRY && model_below(12) == 0;
    fact->values.list = list;
    if (none) return;
    if (trait == BIRTHDAY) {
        birthday_make(fact);
        return;
    }
    bool text = trait == SIZE && model_below(6) == 0; /* looks like a number, and is none */
    model_values_make(&fact->values, text ? TEXT : types[trait], list);
    if (trait == SINCE) model_date_make(&fact->values.items[0]);
    if (trait != HOME) return;
    fact->values.count = 2;
    value_make(&fact->values.items[1], NUMBER);
}

static void fact_print(const ModelFact *fact, GString *json)
{
    const Values *values = &fact->values;
    if (fact->trait == HOME && values->count) {
        g_string_append(json, "{\"city\":");
        value_print(&values->items[0], json);
        g_string_append(json, ",\"floor\":");
        value_print(&values->items[1], json);
        g_string_append_c(json, '}');
    } else if (fact->trait == PETS) {
        g_string_append_c(json, '[');
        for (int i = 0; i < values->count; i++) {
            g_string_append(json, i ? ",{\"kind\":" : "{\"kind\":");
            value_print(&values->items[i], json);
            g_string_append_c(json, '}');
        }
        g_string_append_c(json, ']');
    } else {
        model_values_print(values, json);
    }
}

typedef struct Telling {
    Model *model;
    ModelFact *fact;
    ModelSay *say;
    int64_t person;
    const char *value;
    const char *tags[4];
    size_t tag_count;
    bool taken; /* false: it was said before */
} Telling;

static bool fact_run(Db *db, void *data, GError **error)
{
    Telling *telling = data;
    TraitOutcome outcome;
    const ModelFact *fact = telling->fact;
    TraitValue value = {slice_of(model_trait_names[fact->trait]), slice_of(telling->value)};
    TraitReport report = {.stem = telling->person,
                          .source_id = 1,
                          .trust = fact->trust,
                          .occurred_at = fact->at,
                          .received_at = FIXTURE_NOW,
                          .traits = &value,
                          .count = 1};
    if (!people_traits_put(telling->model->shop.people, db, &report, &outcome, error)) return false;
    telling->taken = outcome.written > 0;
    return true;
}

static void tell(Telling *telling, WriterRun run)
{
    g_autoptr(GError) error = NULL;
    Store *store = telling->model->shop.test->store;
    writer_call(store_writer(store), WRITER_REST, run, telling, &error);
    g_assert_no_error(error);
}

void model_fact_tell(Model *model, int person, TraitName trait)
{
    static const Trust trusts[] = {TRUST_TRACK, TRUST_INGEST, TRUST_INGEST, TRUST_FILE, TRUST_HAND};
    ModelFact fact = {.person = person,
                      .trait = trait,
                      .at = model_time() - model->facts->len, /* no two at once */
                      .trust = trusts[model_below(5)]};
    fact_make(&fact);
    g_autoptr(GString) json = g_string_new(NULL);
    fact_print(&fact, json);
    Telling telling = {
        .model = model, .fact = &fact, .person = model->ids[person], .value = json->str};
    tell(&telling, fact_run);
    if (telling.taken) g_array_append_val(model->facts, fact);
}

static bool counts_more(const ModelFact *fact, const ModelFact *best)
{
    if (!best || fact->trust != best->trust) return !best || fact->trust > best->trust;
    return fact->at > best->at;
}

const ModelFact *model_fact(const Model *model, int person, TraitName trait)
{
    const ModelFact *best = NULL;
    const GArray *said = model->said[person];
    for (guint i = 0; i < said->len; i++) {
        guint place = g_array_index(said, guint, i);
        const ModelFact *fact = &g_array_index(model->facts, ModelFact, place);
        bool seen = fact->at <= model->now || trait == COUNTRY; /* that one as it is shown today */
        if (fact->trait != trait || !seen) continue;
        if (fact->trust > TRUST_TRACK && counts_more(fact, best)) best = fact;
    }
    return best;
}

/* ---- tags ---- */

static bool tag_run(Db *db, void *data, GError **error)
{
    const Telling *telling = data;
    HandTags tags = {telling->person, telling->tags, telling->tag_count, "test", FIXTURE_NOW};
    return people_tags_set(telling->model->shop.people, db, &tags, error);
}

/* Everything that a person bears is set anew; what the others who joined bore is gone. */
void model_tag_tell(Model *model, int person)
{
    Telling telling = {.model = model, .person = model->ids[person]};
    unsigned bits = (unsigned)model_below(1 << G_N_ELEMENTS(model_tags));
    for (size_t i = 0; i < G_N_ELEMENTS(model_tags); i++)
        if (bits & (1u << i)) telling.tags[telling.tag_count++] = model_tags[i];
    tell(&telling, tag_run);
    for (int i = 0; i < PEOPLE_COUNT; i++)
        if (model->root[i] == person) model->tags[i] &= bits;
    model->tags[person] = bits;
}

/* ---- permissions ---- */

static bool say_run(Db *db, void *data, GError **error)
{
    const Telling *telling = data;
    const ModelSay *say = telling->say;
    char address[40];
    if (say->channel == 0) g_snprintf(address, sizeof address, "u%d@shop.example", say->person);
    if (say->channel == 1) g_snprintf(address, sizeof address, "+49151000000%02d", say->person);
    ConsentInput input = {.stem = telling->person,
                          .address = say->channel < 2 ? address : NULL,
                          .channel = model_channels[say->channel],
                          .topic = model_topics[say->topic],
                          .state = say->state,
                          .reason = say->bounced ? DENIAL_BOUNCED : DENIAL_SAID,
                          .basis = "consent",
                          .actor = "test",
                          .source_id = 1,
                          .trust = say->by_person ? TRUST_PERSON : TRUST_HAND,
                          .occurred_at = say->at,
                          .received_at = FIXTURE_NOW - 1, /* before any merge */
                          .expires_at = say->expires_at};
    return people_consent_put(telling->model->shop.people, db, &input, error);
}

void model_say_tell(Model *model)
{
    static const ConsentState states[] = {CONSENT_GRANTED, CONSENT_GRANTED, CONSENT_GRANTED,
                                          CONSENT_PENDING, CONSENT_DENIED};
    int person = model_somebody(model);
    ModelSay say = {.person = person,
                    .channel = model_below(5) % 4,
                    .topic = model_below(3),
                    .state = states[model_below(5)],
                    .by_person = model_below(2),
                    .at = model_time()};
    if (say.channel == 0 && person % 3 == 0) say.channel = 2; /* has no such address */
    if (say.channel == 1 && person % 2) say.channel = 3;
    say.bounced = say.state == CONSENT_DENIED && say.channel == 0 && model_below(2);
    if (say.state == CONSENT_GRANTED && model_below(3) == 0)
        say.expires_at = say.at + model_below(200) * DAY + 1;
    Telling telling = {.model = model, .say = &say, .person = model->ids[person]};
    tell(&telling, say_run);
    g_array_append_val(model->says, say);
}
