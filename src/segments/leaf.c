#include "segments/leaf_private.h"

#include "base/keyhash.h"

#include <stdlib.h>
#include <string.h>

TraitColumn *trait_column_new(const char *name, uint32_t size)
{
    TraitColumn *column = g_new0(TraitColumn, 1);
    column->name = name;
    column->size = size;
    return column;
}

struct TraitCell *trait_column_cell(TraitColumn *column, uint32_t person)
{
    if (!column->cells) column->cells = g_new0(struct TraitCell, (size_t)column->size + 1);
    return &column->cells[person];
}

void trait_column_free(TraitColumn *column)
{
    if (!column) return;
    for (uint32_t i = 0; column->told && column->cells && i < column->size; i++)
        g_free(column->cells[i].json);
    g_free(column->cells);
    g_free(column);
}

/* ---- what a leaf keeps ---- */

static bool is_amount(RuleKind kind) { return kind == RULE_AMOUNT || kind == RULE_TOP; }

static bool keeps_list(const Leaf *leaf)
{
    bool listed = leaf->kind == RULE_SEQUENCE || leaf->kind == RULE_GAP;
    if (listed || leaf->kind == RULE_SILENT || leaf->kind == RULE_LIFECYCLE) return true;
    if (leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY) return leaf->node->nth > 1;
    return is_amount(leaf->kind) && leaf->amount == RULE_DISTINCT;
}

Leaf *leaf_new(const RuleNode *node, RuleKind kind, RuleAmount amount, uint32_t size)
{
    Leaf *leaf = g_new0(Leaf, 1);
    leaf->node = node;
    leaf->kind = kind;
    leaf->amount = amount;
    leaf->size = size;
    return leaf;
}

void leaf_room(Leaf *leaf)
{
    if (leaf->counts) return;
    RuleKind kind = leaf->kind;
    RuleAmount amount = leaf->amount;
    uint32_t size = leaf->size;
    leaf->counts = g_new0(uint32_t, size + 1);
    if (kind == RULE_RATIO) leaf->others = g_new0(uint32_t, size + 1);
    if (keeps_list(leaf))
        for (uint32_t i = 0; i <= leaf->node->step_count; i++)
            leaf->occurrences[i] = g_array_new(FALSE, FALSE, sizeof(Occurrence));
    bool sums = is_amount(kind) && (amount == RULE_SUM || amount == RULE_AVERAGE);
    bool bounds = is_amount(kind) && (amount == RULE_MINIMUM || amount == RULE_MAXIMUM);
    if (sums) leaf->sums = g_new0(Wide, size + 1);
    if (bounds || kind == RULE_MOMENT || kind == RULE_ANNIVERSARY)
        leaf->bounds = g_new0(int64_t, size + 1);
}

void leaf_free(Leaf *leaf)
{
    if (!leaf) return;
    for (int i = 0; i < RULE_STEPS_MAX; i++)
        if (leaf->occurrences[i]) g_array_unref(leaf->occurrences[i]);
    set_free(leaf->set);
    g_free(leaf->counts);
    g_free(leaf->others);
    g_free(leaf->sums);
    g_free(leaf->bounds);
    g_free(leaf);
}

void leaf_settle(Leaf *leaf, PersonSet *set)
{
    set_free(leaf->set);
    leaf->set = set;
    leaf->kind = RULE_SEGMENT;
}

void leaf_decide(Leaf *leaf, uint32_t person, bool holds)
{
    leaf->kind = RULE_SEGMENT;
    if (!leaf->set) leaf->set = set_new(leaf->size);
    if (holds) set_add(leaf->set, person);
}

static void bound_take(Leaf *leaf, uint32_t person, int64_t value, bool greatest)
{
    int64_t *bound = &leaf->bounds[person];
    bool better = greatest ? value > *bound : value < *bound;
    if (leaf->counts[person] == 0 || better) *bound = value;
}

static void amount_take(Leaf *leaf, const Occurrence *occurrence)
{
    if (leaf->amount != RULE_COUNT && !occurrence->has_value) return;
    if (leaf->sums) leaf->sums[occurrence->person] += occurrence->value;
    if (leaf->bounds)
        bound_take(leaf, occurrence->person, occurrence->value, leaf->amount == RULE_MAXIMUM);
    if (leaf->occurrences[0]) g_array_append_val(leaf->occurrences[0], *occurrence);
    leaf->counts[occurrence->person] += !occurrence->aside;
}

void leaf_take(Leaf *leaf, unsigned step, const Occurrence *occurrence)
{
    if (G_UNLIKELY(!leaf->counts)) leaf_room(leaf);
    if (is_amount(leaf->kind)) {
        amount_take(leaf, occurrence);
        return;
    }
    if (leaf->others && step == 1) {
        leaf->others[occurrence->person]++;
        return;
    }
    if (leaf->occurrences[step]) g_array_append_val(leaf->occurrences[step], *occurrence);
    if (leaf->bounds) bound_take(leaf, occurrence->person, occurrence->at, leaf->node->nth == 0);
    leaf->counts[occurrence->person]++;
}

bool leaf_adds(const Leaf *leaf)
{
    bool bounds =
        leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY ||
        (is_amount(leaf->kind) && (leaf->amount == RULE_MINIMUM || leaf->amount == RULE_MAXIMUM));
    return !bounds && !keeps_list(leaf);
}

void leaf_share_take(const Leaf *leaf, unsigned step, const Occurrence *occurrence,
                     LeafShare *share)
{
    bool amount = is_amount(leaf->kind);
    if (amount && leaf->amount != RULE_COUNT && !occurrence->has_value) return;
    if (leaf->kind == RULE_RATIO && step == 1) {
        share->other++;
        return;
    }
    share->sum += occurrence->value;
    share->count += !amount || !occurrence->aside;
}

void leaf_share_add(Leaf *leaf, uint32_t person, const LeafShare *share)
{
    leaf_room(leaf);
    leaf->counts[person] += share->count;
    if (leaf->sums) leaf->sums[person] += share->sum;
    if (leaf->others) leaf->others[person] += share->other;
}

/* ---- lists of occurrences ---- */

static int occurrence_compare(const void *a_pointer, const void *b_pointer)
{
    const Occurrence *a = a_pointer, *b = b_pointer;
    if (a->person != b->person) return a->person < b->person ? -1 : 1;
    if (a->at != b->at) return a->at < b->at ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* Lists are often told in order already. */
void leaf_occurrences_sort(GArray *list)
{
    const Occurrence *items = (const Occurrence *)(void *)list->data;
    for (guint i = 1; i < list->len; i++) {
        if (occurrence_compare(&items[i - 1], &items[i]) <= 0) continue;
        g_array_sort(list, occurrence_compare);
        return;
    }
}

static int value_compare(const void *a_pointer, const void *b_pointer)
{
    const Occurrence *a = a_pointer, *b = b_pointer;
    if (a->person != b->person) return a->person < b->person ? -1 : 1;
    return (a->value > b->value) - (a->value < b->value);
}

const Occurrence *leaf_run(const GArray *list, uint32_t person, guint *at, guint *ret_count)
{
    const Occurrence *items = (const Occurrence *)(void *)list->data;
    while (*at < list->len && items[*at].person < person)
        ++*at;
    guint from = *at;
    while (*at < list->len && items[*at].person == person)
        ++*at;
    *ret_count = *at - from;
    return items + from;
}

/* Counts the different values of each person into counts. */
static void distinct_count(Leaf *leaf)
{
    const Occurrence *items = (const Occurrence *)(void *)leaf->occurrences[0]->data;
    g_array_sort(leaf->occurrences[0], value_compare);
    memset(leaf->counts, 0, leaf->size * sizeof *leaf->counts);
    for (guint i = 0; i < leaf->occurrences[0]->len; i++) {
        bool same =
            i > 0 && items[i].person == items[i - 1].person && items[i].value == items[i - 1].value;
        leaf->counts[items[i].person] += !same;
    }
}

/* ---- numbers ---- */

LeafNumber leaf_number(const Leaf *leaf, uint32_t person)
{
    uint32_t count = leaf->counts[person];
    LeafNumber number = {.known = count > 0, .denominator = 1};
    switch (leaf->amount) {
    case RULE_COUNT:
    case RULE_DISTINCT:
        number.numerator = (Wide)count * DECIMAL_SCALE;
        break;
    case RULE_AVERAGE:
        number.denominator = MAX(count, 1);
        number.numerator = leaf->sums[person];
        break;
    case RULE_SUM:
        number.numerator = leaf->sums[person];
        break;
    case RULE_MINIMUM:
    case RULE_MAXIMUM:
        number.numerator = leaf->bounds[person];
        break;
    case RULE_AMOUNTS:
        g_assert_not_reached();
    }
    return number;
}

static int number_compare(const LeafNumber *number, const RuleValue *with)
{
    Wide other = (Wide)with->micros * number->denominator;
    return (number->numerator > other) - (number->numerator < other);
}

static bool in_list(const LeafNumber *number, const RuleTest *test)
{
    for (uint32_t i = 0; i < test->value_count; i++)
        if (number_compare(number, &test->values[i]) == 0) return true;
    return false;
}

bool leaf_number_holds(const LeafNumber *number, const RuleTest *test)
{
    int order = number_compare(number, &test->values[0]);
    switch (test->op) {
    case RULE_EQUAL:
        return order == 0;
    case RULE_NOT_EQUAL:
        return order != 0;
    case RULE_LESS:
        return order < 0;
    case RULE_LESS_EQUAL:
        return order <= 0;
    case RULE_MORE:
        return order > 0;
    case RULE_MORE_EQUAL:
        return order >= 0;
    case RULE_BETWEEN:
        return order >= 0 && number_compare(number, &test->values[1]) <= 0;
    case RULE_IN:
        return in_list(number, test);
    case RULE_CONTAINS:
    case RULE_STARTS:
    case RULE_ENDS:
    case RULE_MATCHES:
    case RULE_EXISTS:
    case RULE_MISSING:
    case RULE_LIES:
    case RULE_OPS:
        break;
    }
    return false;
}

/* Sums, counts and numbers of different values of nothing are 0; averages and bounds of nothing
 * are unknown and pass only `!=`. */
bool leaf_amount_holds(const Leaf *leaf, const LeafNumber *number)
{
    const RuleTest *test = &leaf->node->test;
    if (test->op == RULE_EXISTS || test->op == RULE_MISSING)
        return number->known == (test->op == RULE_EXISTS);
    bool zero =
        leaf->amount == RULE_SUM || leaf->amount == RULE_COUNT || leaf->amount == RULE_DISTINCT;
    if (!number->known && !zero) return test->op == RULE_NOT_EQUAL;
    return test->value_count > 0 && test->values[0].type == RULE_NUMBER
               ? leaf_number_holds(number, test)
               : test->op == RULE_NOT_EQUAL;
}

static bool amount_holds(const Leaf *leaf, uint32_t person)
{
    LeafNumber number = leaf_number(leaf, person);
    return leaf_amount_holds(leaf, &number);
}

/* How often one thing by how often another: unknown where the other never happened. */
static bool ratio_holds(const Leaf *leaf, uint32_t person)
{
    const RuleNode *node = leaf->node;
    LeafNumber number = {.known = leaf->others[person] > 0, .denominator = leaf->others[person]};
    number.numerator = (Wide)leaf->counts[person] * DECIMAL_SCALE * (node->percent ? 100 : 1);
    return number.known ? leaf_number_holds(&number, &node->test) : node->test.op == RULE_NOT_EQUAL;
}

static bool times_holds(const RuleTimes *times, int64_t count)
{
    switch (times->kind) {
    case RULE_ANY_TIMES:
        return count > 0;
    case RULE_AT_LEAST:
        return count >= times->low;
    case RULE_AT_MOST:
        return count <= times->low;
    case RULE_EXACTLY:
        return count == times->low;
    case RULE_BETWEEN_TIMES:
        return count >= times->low && count <= times->high;
    }
    g_assert_not_reached();
}

/* ---- instants ---- */

bool leaf_yearly_lies(const LeafYearly *yearly, const Range *days)
{
    int first_year, last_year, unused_month, unused_day;
    if (days->to <= days->from) return false;
    civil_from_days(days->from, &first_year, &unused_month, &unused_day);
    civil_from_days(days->to - 1, &last_year, &unused_month, &unused_day);
    for (int year = MAX(first_year, yearly->born + 1); year <= last_year; year++) {
        int there = MIN(yearly->day, month_days(year, yearly->month));
        int64_t on = days_from_civil(year, yearly->month, there);
        if (on >= days->from && on < days->to) return true;
    }
    return false;
}

static bool yearly_holds(const Leaf *leaf, const LeafJudge *judge, const LeafYearly *yearly)
{
    Range days = window_days(&leaf->node->window, judge->moment);
    return leaf_yearly_lies(yearly, &days);
}

static LeafYearly yearly_of(const LeafJudge *judge, int64_t at)
{
    LeafYearly yearly;
    civil_from_days(window_day_of(judge->moment, at), &yearly.born, &yearly.month, &yearly.day);
    return yearly;
}

/* The nth instant of each person goes into bounds and counts it known, or makes it unknown. */
static void nth_find(Leaf *leaf)
{
    guint at = 0, count;
    leaf_occurrences_sort(leaf->occurrences[0]);
    for (uint32_t person = 0; person < leaf->size; person++) {
        const Occurrence *run = leaf_run(leaf->occurrences[0], person, &at, &count);
        leaf->counts[person] = count >= leaf->node->nth;
        if (count >= leaf->node->nth) leaf->bounds[person] = run[leaf->node->nth - 1].at;
    }
}

bool leaf_instant_holds(const Leaf *leaf, const LeafJudge *judge, int64_t at)
{
    if (leaf->kind == RULE_ANNIVERSARY) {
        LeafYearly yearly = yearly_of(judge, at);
        return yearly_holds(leaf, judge, &yearly);
    }
    return at >= leaf->range.from && at < leaf->range.to;
}

static bool moment_holds(const Leaf *leaf, const LeafJudge *judge, uint32_t person)
{
    return leaf->counts[person] > 0 && leaf_instant_holds(leaf, judge, leaf->bounds[person]);
}

/* ---- ranks ---- */

typedef struct Ranked {
    LeafNumber number;
    uint32_t person;
} Ranked;

/* Greatest first; of equals the one known longer. */
static int ranked_compare(const void *a_pointer, const void *b_pointer)
{
    const Ranked *a = a_pointer, *b = b_pointer;
    Wide x = a->number.numerator * b->number.denominator;
    Wide y = b->number.numerator * a->number.denominator;
    if (x != y) return x > y ? -1 : 1;
    return (a->person > b->person) - (a->person < b->person);
}

bool leaf_value_number(const Leaf *leaf, const json_t *value, int64_t *ret_micros)
{
    return match_trait_number(&leaf->node->field, value, ret_micros);
}

static bool column_number(const Leaf *leaf, uint32_t person, LeafNumber *ret_number)
{
    int64_t micros;
    const char *json = trait_column_json(leaf->column, person);
    json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
    bool known = leaf_value_number(leaf, value, &micros);
    json_decref(value);
    if (known) *ret_number = (LeafNumber){true, micros, 1};
    return known;
}

static uint64_t rank_count(const RuleNode *node, guint known)
{
    if (!node->percent) return (uint64_t)(node->number / DECIMAL_SCALE);
    Wide share = (Wide)known * node->number, whole = (Wide)100 * DECIMAL_SCALE;
    return (uint64_t)((share + whole - 1) / whole);
}

/* Whole numbers, by person: all ranks but averages, and sums beyond 64 bits. */
typedef struct Wholes {
    int64_t *numbers;
    PersonSet *known;
    guint count; /* of them */
} Wholes;

static void wholes_clear(Wholes *wholes)
{
    g_free(wholes->numbers);
    set_free(wholes->known);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wholes, wholes_clear)

/* False: some number is none. */
static bool wholes_read(const Leaf *leaf, Wholes *wholes)
{
    *wholes = (Wholes){g_new0(int64_t, (size_t)leaf->size + 1), set_new(leaf->size), 0};
    if (leaf->amount == RULE_AVERAGE && !leaf->column) return false;
    for (uint32_t person = 0; person < leaf->size; person++) {
        LeafNumber one;
        bool known = leaf->column ? column_number(leaf, person, &one)
                                  : (one = leaf_number(leaf, person)).known;
        if (!known) continue;
        wholes->numbers[person] = (int64_t)one.numerator;
        if (wholes->numbers[person] != one.numerator) return false;
        set_add(wholes->known, person);
        wholes->count++;
    }
    return true;
}

/* Signed numbers in the order of unsigned ones. */
static uint64_t whole_key(int64_t number) { return (uint64_t)number ^ UINT64_C(1) << 63; }

/* The key that `rank` keys are not below: sixteen bits at a time, from the highest. Adds how many
 * are above it to `ret_above`. */
static uint64_t wholes_select(const Wholes *wholes, uint64_t rank, uint64_t *ret_above)
{
    uint64_t prefix = 0, mask = 0, above = 0;
    g_autofree uint32_t *counts = g_new(uint32_t, 1 << 16);
    for (int shift = 48; shift >= 0; shift -= 16) {
        memset(counts, 0, sizeof *counts << 16);
        for (uint32_t person = 0; person < wholes->known->size; person++) {
            uint64_t key = whole_key(wholes->numbers[person]);
            if (set_has(wholes->known, person) && (key & mask) == prefix)
                counts[key >> shift & 0xffff]++;
        }
        uint32_t digit = 0xffff;
        for (; above + counts[digit] < rank; digit--)
            above += counts[digit];
        prefix |= (uint64_t)digit << shift;
        mask |= UINT64_C(0xffff) << shift;
    }
    *ret_above = above;
    return prefix;
}

static void wholes_top(const Leaf *leaf, const Wholes *wholes, PersonSet *set)
{
    uint64_t rank = MIN(rank_count(leaf->node, wholes->count), wholes->count), above;
    if (rank == 0) return;
    uint64_t least = wholes_select(wholes, rank, &above), equal = rank - above;
    for (uint32_t person = 0; person < leaf->size; person++) {
        uint64_t key = whole_key(wholes->numbers[person]);
        if (!set_has(wholes->known, person) || key < least) continue;
        if (key > least || equal > 0) set_add(set, person);
        equal -= key == least && equal > 0;
    }
}

static void fractions_top(const Leaf *leaf, PersonSet *set)
{
    g_autoptr(GArray) ranked = g_array_new(FALSE, FALSE, sizeof(Ranked));
    for (uint32_t person = 0; person < leaf->size; person++) {
        Ranked one = {.person = person};
        bool known = leaf->column ? column_number(leaf, person, &one.number)
                                  : (one.number = leaf_number(leaf, person)).known;
        if (known) g_array_append_val(ranked, one);
    }
    g_array_sort(ranked, ranked_compare);
    uint64_t count = MIN(rank_count(leaf->node, ranked->len), ranked->len);
    for (guint i = 0; i < count; i++)
        set_add(set, g_array_index(ranked, Ranked, i).person);
}

static void top_conclude(Leaf *leaf, PersonSet *set)
{
    g_auto(Wholes) wholes;
    if (wholes_read(leaf, &wholes))
        wholes_top(leaf, &wholes, set);
    else
        fractions_top(leaf, set);
}

/* ---- traits ---- */

/* The day and month of a date or of "--05-17"; `ret_born` is the year, or 0. */
static bool birthday_parse(const char *text, int *ret_month, int *ret_day, int *ret_born)
{
    char full[11];
    if (window_day_parse(text, ret_born, ret_month, ret_day)) return true;
    if (g_str_has_prefix(text, "--")) text += 2;
    *ret_born = 0;
    if (strlen(text) != 5) return false;
    g_snprintf(full, sizeof full, "2000-%s", text); /* a leap year: 29 February is a birthday */
    int year;
    return window_day_parse(full, &year, ret_month, ret_day);
}

static bool value_yearly(const Leaf *leaf, const json_t *value, LeafYearly *ret_yearly)
{
    static const char *const names[] = {"birthday"};
    static const RuleField birthday = {(const char **)(void *)names, 1};
    bool own = leaf->node->kind == RULE_ANNIVERSARY;
    const char *text = match_trait_text(own ? &leaf->node->field : &birthday, value);
    LeafYearly *yearly = ret_yearly;
    if (!text || !birthday_parse(text, &yearly->month, &yearly->day, &yearly->born)) return false;
    if (!own) yearly->born = 0;
    return true;
}

static bool birthday_holds(const Leaf *leaf, const LeafJudge *judge, const json_t *value)
{
    LeafYearly yearly;
    return value_yearly(leaf, value, &yearly) && yearly_holds(leaf, judge, &yearly);
}

bool leaf_yearly(const Leaf *leaf, const LeafJudge *judge, uint32_t person, LeafYearly *ret_yearly)
{
    if (!leaf->column) {
        bool known = leaf->counts && leaf->counts[person] > 0;
        if (known) *ret_yearly = yearly_of(judge, leaf->bounds[person]);
        return known;
    }
    const char *json = trait_column_json(leaf->column, person);
    json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
    bool known = value_yearly(leaf, value, ret_yearly);
    json_decref(value);
    return known;
}

bool leaf_value_holds(const Leaf *leaf, const LeafJudge *judge, const json_t *value)
{
    Matcher matcher = {judge->moment, false};
    return leaf->kind == RULE_FIELD ? match_trait(&matcher, leaf->node, value)
                                    : birthday_holds(leaf, judge, value);
}

static void column_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    for (uint32_t person = 0; person < leaf->size; person++) {
        const char *json = trait_column_json(leaf->column, person);
        json_t *value = json ? json_loads(json, JSON_DECODE_ANY, NULL) : NULL;
        if (leaf_value_holds(leaf, judge, value)) set_add(set, person);
        json_decref(value);
    }
}

/* ---- shares ---- */

/* Where somebody stands in the draw of a seed: "ID SEED", hashed. */
uint64_t leaf_draw(int64_t person_id, const char *seed)
{
    static const uint8_t key[KEYHASH_KEY_SIZE] = "kith random pct";
    enum { DIGITS_MAX = 20, SEED_NEAR = 100 };
    char near[DIGITS_MAX + SEED_NEAR], *begin = near + DIGITS_MAX;
    size_t size = strlen(seed);
    if (person_id <= 0 || size + 1 > SEED_NEAR) {
        g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT " %s", person_id, seed);
        return keyhash64(key, text, strlen(text));
    }
    memcpy(begin + 1, seed, size);
    *begin = ' ';
    for (int64_t rest = person_id; rest > 0; rest /= 10)
        *--begin = (char)('0' + rest % 10);
    return keyhash64(key, begin, (size_t)(near + DIGITS_MAX + 1 + size - begin));
}

bool leaf_draw_holds(const Leaf *leaf, uint64_t draw)
{
    unsigned __int128 whole = (unsigned __int128)100 * DECIMAL_SCALE;
    return draw * whole < (unsigned __int128)(uint64_t)leaf->node->number << 64;
}

/* ---- the whole ---- */

static bool person_holds(const Leaf *leaf, const LeafJudge *judge, uint32_t person)
{
    switch (leaf->kind) {
    case RULE_DID:
        return times_holds(&leaf->node->times, leaf->counts[person]);
    case RULE_BOUNCED:
        return leaf->counts[person] > 0 || set_has(leaf->set, person);
    case RULE_AMOUNT:
        return amount_holds(leaf, person);
    case RULE_RATIO:
        return ratio_holds(leaf, person);
    case RULE_MOMENT:
    case RULE_ANNIVERSARY:
        return moment_holds(leaf, judge, person);
    case RULE_RANDOM:
        return leaf_draw_holds(leaf, leaf_draw(judge->people[person], leaf->node->text));
    case RULE_EVERYBODY:
        return true;
    case RULE_TAG:
    case RULE_CONSENT:
    case RULE_SEGMENT:
        return set_has(leaf->set, person);
    case RULE_AND:
    case RULE_OR:
    case RULE_NOT:
    case RULE_FIELD:
    case RULE_SEQUENCE:
    case RULE_TOP:
    case RULE_BIRTHDAY:
    case RULE_GAP:
    case RULE_LIFECYCLE:
    case RULE_SILENT:
    case RULE_KINDS:
        break;
    }
    g_assert_not_reached();
}

static void each_conclude(Leaf *leaf, const LeafJudge *judge, PersonSet *set)
{
    for (uint32_t person = 0; person < leaf->size; person++)
        if (person_holds(leaf, judge, person)) set_add(set, person);
}

PersonSet *leaf_conclude(Leaf *leaf, const LeafJudge *judge)
{
    PersonSet *set = set_new(leaf->size);
    if (leaf->kind == RULE_SEGMENT && leaf->set) {
        set_or(set, leaf->set);
        return set;
    }
    leaf_room(leaf);
    bool list = leaf->occurrences[0] != NULL;
    if (list && leaf->amount == RULE_DISTINCT && is_amount(leaf->kind)) distinct_count(leaf);
    if (list && (leaf->kind == RULE_MOMENT || leaf->kind == RULE_ANNIVERSARY)) nth_find(leaf);
    if (leaf->kind == RULE_SEQUENCE)
        leaf_sequence_conclude(leaf, judge, set);
    else if (leaf->kind == RULE_GAP)
        leaf_gap_conclude(leaf, set);
    else if (leaf->kind == RULE_LIFECYCLE)
        leaf_lifecycle_conclude(leaf, judge, set);
    else if (leaf->kind == RULE_SILENT)
        leaf_silent_conclude(leaf, judge, set);
    else if (leaf->kind == RULE_TOP)
        top_conclude(leaf, set);
    else if (leaf->column && leaf->kind != RULE_SEGMENT)
        column_conclude(leaf, judge, set);
    else
        each_conclude(leaf, judge, set);
    return set;
}
