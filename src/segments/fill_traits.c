#include "segments/fill_traits.h"

#include "base/dates.h"
#include "base/text.h"
#include "columns/event_scan.h"
#include "segments/leaf_private.h"

#include <stdlib.h>
#include <string.h>

/* What a value means to the leaf. */
typedef struct Outcome {
    bool holds; /* or, of a rank, has a number: */
    int64_t micros;
} Outcome;

typedef struct TraitFill {
    Leaf *leaf;
    LeafJudge judge;
    FeedTraitKind kind;
    bool dated;  /* created_at: the instant is the value */
    bool ranged; /* of created_at: it holds in `range` and nowhere else */
    Range range;
    bool plain; /* numbers are compared as numbers, and with nothing else */
    const EventName *name;
    const FeedRead *read;
    const EventProperty *value;
    Outcome missing, *codes; /* for each code of the dictionary */
    PersonSet *seen, *again; /* who has an occurrence; who has several */
    uint32_t parallel_min;   /* rows worth a second thread */
} TraitFill;

static void trait_fill_clear(TraitFill *fill)
{
    g_free(fill->codes);
    set_free(fill->seen);
    set_free(fill->again);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TraitFill, trait_fill_clear)

bool fill_is_trait(const Leaf *leaf) { return leaf->column || leaf->kind == RULE_TAG; }

/* ---- what values mean ---- */

static Outcome outcome_of(const TraitFill *fill, const json_t *value)
{
    Outcome outcome = {0};
    if (fill->leaf->kind == RULE_TOP)
        outcome.holds = leaf_value_number(fill->leaf, value, &outcome.micros);
    else
        outcome.holds = leaf_value_holds(fill->leaf, &fill->judge, value);
    return outcome;
}

static Outcome tag_outcome(const TraitFill *fill, const char *asked, uint32_t code)
{
    EventWord word = event_word(fill->value, code);
    return (Outcome){.holds = word.kind == EVENT_TEXT && g_str_equal(word.text, asked)};
}

static void codes_judge(TraitFill *fill)
{
    g_autofree char *asked =
        fill->kind == FEED_TAGS ? text_fold(slice_of(fill->leaf->node->text)) : NULL;
    fill->codes = g_new0(Outcome, fill->value->codes + 1);
    for (uint32_t code = 0; code < fill->value->codes; code++) {
        if (asked) {
            fill->codes[code] = tag_outcome(fill, asked, code);
            continue;
        }
        json_t *value = feed_trait_json(fill->value, EVENT_CELL_OF_CODE(code));
        fill->codes[code] = outcome_of(fill, value);
        json_decref(value);
    }
    if (!asked) fill->missing = outcome_of(fill, NULL);
}

/* Whether a number passes by its size alone: all that it is compared with are numbers. */
static bool is_plain(const Leaf *leaf)
{
    const RuleTest *test = &leaf->node->test;
    bool plain = leaf->kind == RULE_FIELD && leaf->node->field.count == 1 && test->value_count > 0;
    for (uint32_t i = 0; plain && i < test->value_count; i++)
        plain = test->values[i].type == RULE_NUMBER;
    return plain &&
           (test->op <= RULE_MORE_EQUAL || test->op == RULE_IN || test->op == RULE_BETWEEN);
}

static Outcome number_outcome(const TraitFill *fill, int64_t micros)
{
    LeafNumber number = {true, micros, 1};
    if (fill->plain) return (Outcome){leaf_number_holds(&number, &fill->leaf->node->test), 0};
    if (fill->leaf->kind == RULE_TOP && fill->leaf->node->field.count == 1)
        return (Outcome){true, micros};
    json_t *value = feed_trait_json(fill->value, micros);
    Outcome outcome = outcome_of(fill, value);
    json_decref(value);
    return outcome;
}

/* Whether an instant is one of those meant, where they are one range: told without its text. */
static void range_find(TraitFill *fill)
{
    Range date;
    const RuleNode *node = fill->leaf->node;
    bool field = fill->leaf->kind == RULE_FIELD && node->field.count == 1;
    fill->range = (Range){INT64_MIN, INT64_MAX};
    if (!fill->dated || !field) return;
    if (node->test.op == RULE_LIES) {
        fill->range = window_range(&node->window, fill->judge.moment);
        fill->ranged = true;
        return;
    }
    bool one = node->test.value_count == 1 && node->test.values[0].type == RULE_DATE &&
               window_date(node->test.values[0].text, fill->judge.moment, &date);
    fill->ranged = one && node->test.op >= RULE_LESS && node->test.op <= RULE_MORE_EQUAL;
    if (!fill->ranged) return;
    if (node->test.op == RULE_LESS) fill->range.to = date.from;
    if (node->test.op == RULE_LESS_EQUAL) fill->range.to = date.to;
    if (node->test.op == RULE_MORE) fill->range.from = date.to;
    if (node->test.op == RULE_MORE_EQUAL) fill->range.from = date.from;
}

static Outcome date_outcome(const TraitFill *fill, int64_t at)
{
    if (fill->ranged) return (Outcome){at >= fill->range.from && at < fill->range.to, 0};
    char text[DATE_TEXT_SIZE];
    date_format_iso(at, text);
    json_t *value = json_string(text);
    Outcome outcome = outcome_of(fill, value);
    json_decref(value);
    return outcome;
}

/* One occurrence of somebody, where it may be current. */
typedef struct Candidate {
    uint32_t person;
    int64_t at, lag, trust, cell;
    const TraitFill *fill;
} Candidate;

static Outcome candidate_outcome(const TraitFill *fill, int64_t at, int64_t cell)
{
    if (fill->dated) return date_outcome(fill, at);
    if (event_cell_is_code(cell)) return fill->codes[event_cell_code(cell)];
    return number_outcome(fill, cell);
}

static void apply(const TraitFill *fill, uint32_t person, Outcome outcome)
{
    Leaf *leaf = fill->leaf;
    if (leaf->kind == RULE_TOP) {
        leaf->counts[person] = outcome.holds;
        leaf->bounds[person] = outcome.micros;
        return;
    }
    uint64_t bit = UINT64_C(1) << person % 64;
    if (outcome.holds)
        leaf->set->words[person / 64] |= bit;
    else
        leaf->set->words[person / 64] &= ~bit;
}

/* ---- whoever has one ---- */

static uint32_t person_of(const TraitFill *fill, uint32_t row)
{
    return row < fill->read->rows ? fill->read->index[row] : FEED_NOBODY;
}

/* Whether it had happened. What lists show and tags are told as they are today. */
static bool is_past(const TraitFill *fill, int64_t at)
{
    return fill->kind != FEED_TRAIT || at <= fill->judge.moment->now;
}

static bool base_is_void(const TraitFill *fill, uint32_t row)
{
    return fill->name->reset_count > 0 && event_base_void(fill->name, row);
}

/* The usual case: codes alone, all of them past, nothing void. */
static bool is_simple(const TraitFill *fill)
{
    const EventBase *base = fill->name->base;
    if (!base || base->count == 0 || !base->grouped[FEED_TRAIT_VALUE].codes) return false;
    if (fill->dated || fill->name->reset_count > 0 || fill->leaf->kind == RULE_TOP) return false;
    return is_past(fill, event_arrival_at(base, base->count - 1));
}

/* What one lane saw of whom. */
typedef struct SimpleLane {
    PersonSet *seen, *again, *holds;
} SimpleLane;

typedef struct Simple {
    const TraitFill *fill;
    const uint8_t *holds; /* for each code */
    SimpleLane lanes[2];
} Simple;

/* What one word of a lane's sets becomes: people mostly come behind each other. */
typedef struct SimpleWord {
    uint32_t word;
    uint64_t seen, again, holds;
} SimpleWord;

static void word_put(const SimpleLane *lane, const SimpleWord *one)
{
    uint64_t twice = lane->seen->words[one->word] & one->seen;
    lane->again->words[one->word] |= one->again | twice;
    lane->seen->words[one->word] |= one->seen;
    lane->holds->words[one->word] |= one->holds;
}

static void simple_work(uint32_t first, uint32_t end, unsigned number, void *data)
{
    const Simple *simple = data;
    const SimpleLane *lane = &simple->lanes[number];
    const EventBase *base = simple->fill->name->base;
    const uint32_t *codes = base->grouped[FEED_TRAIT_VALUE].codes;
    SimpleWord one = {0};
    for (uint32_t group = first; group < end; group++) {
        uint32_t from = base->offsets[group], count = base->offsets[group + 1] - from;
        if (count == 0) continue;
        uint32_t person = person_of(simple->fill, event_base_row(base, group));
        if (person == FEED_NOBODY) continue;
        if (person / 64 != one.word) {
            word_put(lane, &one);
            one = (SimpleWord){.word = person / 64};
        }
        uint64_t bit = UINT64_C(1) << person % 64, several = count > 1 ? bit : 0;
        one.again |= several | (one.seen & bit);
        one.seen |= bit;
        one.holds |= (uint64_t)simple->holds[codes[from]] << person % 64;
    }
    word_put(lane, &one);
}

/* Whoever was seen by both lanes has several, and is decided later. */
static void simple_join(TraitFill *fill, const SimpleLane *lane)
{
    uint64_t *set = fill->leaf->set->words;
    for (size_t word = 0; word <= fill->leaf->size / 64; word++) {
        uint64_t seen = lane->seen->words[word];
        fill->again->words[word] |= lane->again->words[word] | (fill->seen->words[word] & seen);
        fill->seen->words[word] |= seen;
        set[word] = (set[word] & ~seen) | lane->holds->words[word];
    }
}

static void simple_take(TraitFill *fill)
{
    Simple simple = {.fill = fill};
    g_autofree uint8_t *holds = g_new0(uint8_t, fill->value->codes + 1);
    for (uint32_t code = 0; code < fill->value->codes; code++)
        holds[code] = fill->codes[code].holds;
    simple.holds = holds;
    for (int i = 0; i < 2; i++) {
        uint32_t size = fill->leaf->size;
        simple.lanes[i] = (SimpleLane){set_new(size), set_new(size), set_new(size)};
    }
    EventSplit split = {fill->name->base->groups, fill->parallel_min, 64};
    if (split.count > 0) event_split(&split, simple_work, &simple);
    for (int i = 0; i < 2; i++) {
        simple_join(fill, &simple.lanes[i]);
        set_free(simple.lanes[i].seen);
        set_free(simple.lanes[i].again);
        set_free(simple.lanes[i].holds);
    }
}

static void base_take(TraitFill *fill)
{
    const EventBase *base = fill->name->base;
    if (is_simple(fill)) {
        simple_take(fill);
        return;
    }
    for (uint32_t group = 0; base && group < base->groups; group++) {
        uint32_t from = base->offsets[group], count = base->offsets[group + 1] - from;
        if (count == 0) continue;
        uint32_t row = event_base_row(base, group), person = person_of(fill, row);
        if (person == FEED_NOBODY || base_is_void(fill, row)) continue;
        bool several = count > 1 || set_has(fill->seen, person);
        set_add(fill->seen, person);
        if (several) set_add(fill->again, person);
        int64_t at = event_base_at(base, from);
        if (several || !is_past(fill, at)) continue;
        int64_t cell = event_cell(&base->grouped[FEED_TRAIT_VALUE], from);
        apply(fill, person, candidate_outcome(fill, at, cell));
    }
}

static void parts_mark(TraitFill *fill)
{
    for (uint32_t p = 0; p < fill->name->part_count; p++) {
        const EventPart *part = &fill->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            uint32_t person = person_of(fill, part->rows[i]);
            if (person != FEED_NOBODY && !event_part_void(fill->name, part, i))
                set_add(fill->again, person);
        }
    }
}

/* ---- whoever has several ---- */

static const char *value_text(const Candidate *candidate, char number[FEED_NUMBER_SIZE])
{
    return feed_trait_text(candidate->fill->value, candidate->cell, number);
}

/* Each person's current one first. */
static int candidate_compare(const void *a_pointer, const void *b_pointer)
{
    const Candidate *a = a_pointer, *b = b_pointer;
    if (a->person != b->person) return a->person < b->person ? -1 : 1;
    if (a->trust != b->trust) return a->trust > b->trust ? -1 : 1;
    if (a->at != b->at) return a->at > b->at ? -1 : 1;
    if (a->lag != b->lag) return a->lag > b->lag ? -1 : 1;
    char a_number[FEED_NUMBER_SIZE], b_number[FEED_NUMBER_SIZE];
    return strcmp(value_text(a, a_number), value_text(b, b_number));
}

/* Cells of one occurrence, in the base or in a part. */
static int64_t cell_at(const EventColumn *columns, const EventPart *part, uint32_t i, int property)
{
    return part ? part->cells[property][i] : event_cell(&columns[property], i);
}

typedef struct Where {
    uint32_t row, person, i;
    int64_t at;
    const EventPart *part; /* NULL: in the base */
} Where;

static void candidate_add(const TraitFill *fill, const Where *where, GArray *candidates)
{
    const EventColumn *columns = fill->name->base ? fill->name->base->grouped : NULL;
    Candidate one = {.person = where->person, .at = where->at, .fill = fill};
    int64_t own = fill->judge.people[where->person];
    /* what lists show is the person's own */
    if (fill->kind == FEED_SHOWN && event_view_stem(fill->read->view, where->row) != own) return;
    if (!is_past(fill, where->at)) return;
    one.cell = cell_at(columns, where->part, where->i, FEED_TRAIT_VALUE);
    if (fill->kind == FEED_TRAIT) {
        int64_t lag = cell_at(columns, where->part, where->i, FEED_TRAIT_LAG);
        int64_t trust = cell_at(columns, where->part, where->i, FEED_TRAIT_TRUST);
        one.trust = feed_trait_trust(fill->name, trust);
        one.lag = event_cell_is_number(lag) ? lag : 0;
    }
    g_array_append_val(candidates, one);
}

static void base_collect(const TraitFill *fill, GArray *candidates)
{
    const EventBase *base = fill->name->base;
    for (uint32_t group = 0; base && group < base->groups; group++) {
        uint32_t from = base->offsets[group], to = base->offsets[group + 1];
        if (from == to) continue;
        Where where = {.row = event_base_row(base, group)};
        where.person = person_of(fill, where.row);
        if (where.person == FEED_NOBODY || !set_has(fill->again, where.person)) continue;
        if (base_is_void(fill, where.row)) continue;
        for (where.i = from; where.i < to; where.i++) {
            where.at = event_base_at(base, where.i);
            candidate_add(fill, &where, candidates);
        }
    }
}

static void parts_collect(const TraitFill *fill, GArray *candidates)
{
    for (uint32_t p = 0; p < fill->name->part_count; p++) {
        const EventPart *part = &fill->name->parts[p];
        for (uint32_t i = 0; i < part->count; i++) {
            Where where = {part->rows[i], person_of(fill, part->rows[i]), i, part->ats[i], part};
            if (where.person != FEED_NOBODY && !event_part_void(fill->name, part, i))
                candidate_add(fill, &where, candidates);
        }
    }
}

/* Somebody bears a tag when any occurrence says so; of a value the first decides. */
static void candidates_apply(const TraitFill *fill, const GArray *candidates)
{
    const Candidate *all = (const Candidate *)(const void *)candidates->data;
    for (guint i = 0; i < candidates->len; i++) {
        Outcome outcome = candidate_outcome(fill, all[i].at, all[i].cell);
        bool first = i == 0 || all[i].person != all[i - 1].person;
        if (first || (fill->kind == FEED_TAGS && outcome.holds))
            apply(fill, all[i].person, outcome);
    }
}

static void again_take(const TraitFill *fill)
{
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    for (uint32_t person = 0; person < fill->leaf->size; person++)
        if (set_has(fill->again, person)) apply(fill, person, fill->missing);
    base_collect(fill, candidates);
    parts_collect(fill, candidates);
    g_array_sort(candidates, candidate_compare);
    candidates_apply(fill, candidates);
}

/* ---- the leaf ---- */

/* Everybody is as if they had no value until told otherwise. */
static void leaf_begin(TraitFill *fill)
{
    Leaf *leaf = fill->leaf;
    if (leaf->kind == RULE_TOP) {
        leaf->amount = RULE_MAXIMUM;
        leaf_room(leaf);
        return;
    }
    set_free(leaf->set);
    leaf->set = fill->missing.holds ? set_full(leaf->size) : set_new(leaf->size);
}

static void leaf_end(TraitFill *fill)
{
    Leaf *leaf = fill->leaf;
    leaf->column = NULL;
    if (leaf->kind != RULE_TOP) leaf->kind = RULE_SEGMENT;
}

static FeedTraitAsk ask_of(const Leaf *leaf)
{
    if (!leaf->column) return (FeedTraitAsk){.kind = FEED_TAGS};
    return (FeedTraitAsk){.kind = leaf->column->shown ? FEED_SHOWN : FEED_TRAIT,
                          .name = leaf->column->name};
}

bool fill_trait_want(const Leaf *leaf, Feed *feed, FeedNeed need, GError **error)
{
    FeedTraitAsk ask = ask_of(leaf);
    ask.need = need;
    return feed_trait_want(feed, &ask, error);
}

static bool fill_begin(TraitFill *fill, const Evaluation *evaluation)
{
    const Leaf *leaf = fill->leaf;
    FeedTraitAsk ask = ask_of(leaf);
    fill->kind = ask.kind;
    fill->dated = ask.kind == FEED_SHOWN && g_str_equal(ask.name, "created_at");
    fill->name = feed_trait_find(fill->read->view, ask.kind, ask.name);
    if (!fill->name) return false;
    fill->value = &fill->name->properties[FEED_TRAIT_VALUE];
    if (!feed_trait_is_whole(fill->name)) return false;
    fill->judge = (LeafJudge){.moment = &evaluation->moment,
                              .people = (const int64_t *)(void *)evaluation->people->data,
                              .gap_days = evaluation->gap_days};
    fill->plain = is_plain(leaf);
    range_find(fill);
    uint32_t least = evaluation->segments->options.limits.parallel_min;
    fill->parallel_min = least ? least : 1 << 16;
    fill->seen = set_new(leaf->size);
    fill->again = set_new(leaf->size);
    codes_judge(fill);
    return true;
}

bool fill_trait_leaf(const Evaluation *evaluation, Leaf *leaf, const FeedRead *read)
{
    g_auto(TraitFill) fill = {.leaf = leaf, .read = read};
    if (!fill_begin(&fill, evaluation)) return false;
    leaf_begin(&fill);
    base_take(&fill);
    parts_mark(&fill);
    if (set_count(fill.again) > 0) again_take(&fill);
    leaf_end(&fill);
    return true;
}
