#include "base/keyhash.h"
#include "segments/model_rule.h"

/* What conditions mean that look at what is said of people. */

const TraitPath model_paths[] = {{"size", SIZE, -1, FORM_TRAIT},
                                 {"nick", NICK, -1, FORM_TRAIT},
                                 {"vip", VIP, -1, FORM_TRAIT},
                                 {"likes", LIKES, -1, FORM_TRAIT_LIST},
                                 {"\"since\"", SINCE, -1, FORM_TRAIT},
                                 {"scores", SCORES, -1, FORM_TRAIT_LIST},
                                 {"home.city", HOME, 0, FORM_TRAIT_PATH},
                                 {"home.floor", HOME, 1, FORM_TRAIT_PATH},
                                 {"pets.kind", PETS, -1, FORM_TRAIT_OBJECTS},
                                 {"mixed", MIXED, -1, FORM_TRAIT_MIXED},
                                 {"\"birthday\"", BIRTHDAY, -1, FORM_TRAIT},
                                 {"country", COUNTRY, -1, FORM_TRAIT_SHOWN}};
const int model_path_count = G_N_ELEMENTS(model_paths);

static bool trait_holds(const Model *model, const Test *test, int person)
{
    static const Values none = {0};
    const ModelFact *fact = model_fact(model, person, test->path->trait);
    return model_condition_holds(model, &test->condition, fact ? &fact->values : &none,
                                 test->path->item);
}

/* ---- days that come again ---- */

static bool comes_again(const Model *model, const Window *window, int month, int day, int born)
{
    int64_t from, to;
    model_window_days(model, window, &from, &to);
    for (int64_t on = from; on < to; on++) {
        int year, its_month, its_day, next_month, unused;
        civil_from_days(on, &year, &its_month, &its_day);
        if (year <= born) continue;
        if (its_month == month && its_day == day) return true;
        civil_from_days(on + 1, &unused, &next_month, &unused);
        bool last = next_month != its_month;
        if (month == 2 && day == 29 && its_month == 2 && its_day == 28 && last) return true;
    }
    return false;
}

static bool birthday_holds(const Model *model, const Test *test, int person)
{
    const ModelFact *fact = model_fact(model, person, BIRTHDAY);
    if (!fact || fact->values.count == 0) return false;
    int born = test->kind == ANNIVERSARY ? fact->born : 0;
    return comes_again(model, &test->window, fact->month, fact->day, born);
}

static bool anniversary_holds(const Model *model, const Test *test, int person)
{
    int64_t at = 0;
    int seen = 0, year, month, day;
    if (test->path) return birthday_holds(model, test, person);
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(int64_t));
    const Happened *one;
    for (guint i = 0; (one = model_theirs(model, person, i)); i++) {
        if (!model_is_told(model, &test->told, one)) continue;
        guint place = 0;
        while (place < times->len && g_array_index(times, int64_t, place) <= one->at)
            place++;
        g_array_insert_val(times, place, one->at);
        seen++;
    }
    if (seen == 0 || seen < test->number) return false;
    at = g_array_index(times, int64_t, test->number ? test->number - 1 : seen - 1);
    civil_from_days(model_day_of(at), &year, &month, &day);
    return comes_again(model, &test->window, month, day, year);
}

/* ---- permissions ---- */

static bool bears(const Model *model, const ModelSay *say, int channel, int topic)
{
    bool topical = say->topic == 2 || say->topic == topic;
    return say->channel == channel && topical && say->at <= model->now;
}

/* What is said of one address of email or sms, or (of post and push) of the person. */
static bool is_of(const Model *model, const ModelSay *say, int channel, int person, int stem)
{
    return channel < 2 ? say->person == stem : model->root[say->person] == person;
}

typedef struct Verdict {
    bool granted, pending, expired, denied, dead; /* dead: denied by nothing but bounces */
} Verdict;

static Verdict verdict_of(const Model *model, int channel, int topic, int person, int stem)
{
    Verdict verdict = {.dead = true};
    int64_t since = INT64_MIN;
    const ModelSay *says = (const ModelSay *)(void *)model->says->data;
    for (guint i = 0; i < model->says->len; i++) {
        const ModelSay *no = &says[i];
        bool mine = bears(model, no, channel, topic) && is_of(model, no, channel, person, stem);
        if (!mine || no->state != CONSENT_DENIED) continue;
        since = MAX(since, no->at);
        bool lifted = false;
        for (guint k = 0; k < model->says->len; k++)
            lifted = lifted ||
                     (bears(model, &says[k], channel, topic) &&
                      is_of(model, &says[k], channel, person, stem) &&
                      says[k].state == CONSENT_GRANTED && says[k].by_person && says[k].at > no->at);
        verdict.denied = verdict.denied || !lifted;
        verdict.dead = verdict.dead && (lifted || no->bounced);
    }
    for (guint i = 0; i < model->says->len; i++) {
        const ModelSay *yes = &says[i];
        bool mine = bears(model, yes, channel, topic) && is_of(model, yes, channel, person, stem);
        if (!mine || yes->state == CONSENT_DENIED || yes->at <= since) continue;
        bool over = yes->expires_at && yes->expires_at <= model->now;
        verdict.granted = verdict.granted || (yes->state == CONSENT_GRANTED && !over);
        verdict.expired = verdict.expired || (yes->state == CONSENT_GRANTED && over);
        verdict.pending = verdict.pending || (yes->state == CONSENT_PENDING && !over);
    }
    verdict.granted = verdict.granted && !verdict.denied;
    verdict.dead = verdict.dead && verdict.denied;
    return verdict;
}

static bool has_address(int channel, int stem) { return channel ? stem % 2 == 0 : stem % 3 != 0; }

static bool consent_holds(const Model *model, const Test *test, int person)
{
    int topic = MAX(test->topic, 0);
    if (test->number >= 2) return verdict_of(model, test->number, topic, person, person).granted;
    for (int stem = 0; stem < PEOPLE_COUNT; stem++)
        if (model->root[stem] == person && has_address(test->number, stem) &&
            verdict_of(model, test->number, topic, person, stem).granted)
            return true;
    return false;
}

/* Every address is dead, or a mail came back for good. */
static bool bounce_holds(const Model *model, int person)
{
    const Happened *one;
    bool any = false, alive = false;
    for (guint i = 0; (one = model_theirs(model, person, i)); i++) {
        const Values *type = &one->values[BOUNCE];
        bool soft = type->count && g_str_equal(type->items[0].fold, "soft");
        if (one->name == BOUNCED && one->at < model->now && !soft) return true;
    }
    for (int stem = 0; stem < PEOPLE_COUNT; stem++) {
        if (model->root[stem] != person || !has_address(0, stem)) continue;
        any = true;
        alive = alive || !verdict_of(model, 0, 0, person, stem).dead;
    }
    return any && !alive;
}

/* ---- shares ---- */

/* The first bits of a hash of the person and the seed, written down for ever. */
static bool share_holds(const Model *model, const Test *test, int person)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = "kith random pct";
    g_autofree char *text = g_strdup_printf(
        "%" G_GINT64_FORMAT " %s", model->drawing ? person : model->ids[person], test->seed);
    unsigned __int128 hash = keyhash64(key, text, strlen(text));
    return hash * 10000 < (unsigned __int128)(uint64_t)test->low << 64;
}

bool model_person_holds(const Model *model, const Test *test, int person)
{
    bool tagged = false;
    switch ((int)test->kind) {
    case TRAIT:
        return trait_holds(model, test, person);
    case DAYS:
        return birthday_holds(model, test, person);
    case ANNIVERSARY:
        return anniversary_holds(model, test, person);
    case RANDOM:
        return share_holds(model, test, person);
    case TAGGED:
        for (int stem = 0; stem < PEOPLE_COUNT; stem++)
            if (model->root[stem] == person && model->tags[stem] & (1u << test->number))
                tagged = true;
        return tagged;
    case CONSENT:
        return consent_holds(model, test, person);
    case BOUNCE_OF:
        return bounce_holds(model, person);
    case SEGMENT:
        return model_holds(model, model->saved[test->number], person) != test->negated;
    default:
        return true;
    }
}
