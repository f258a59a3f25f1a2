#include "segments/segment_command.h"

#include "base/clock.h"
#include "base/dates.h"
#include "base/error.h"
#include "people/json.h"
#include "segments/cost.h"
#include "segments/near.h"
#include "segments/picked.h"
#include "segments/segments_sql.h"
#include "segments/suggest.h"
#include "segments/watch.h"
#include "segments/why.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_LINES_MAX = 100, LIST_CHUNK = 1000 };

/* One question understood and answered. */
typedef struct Asked {
    Segments *segments;
    Console *console;
    const SegmentCommand *command;
    const Rule *rule;
    const SegmentAnswer *answer;
} Asked;

static int json_print(Console *console, json_t *steal)
{
    char *text = json_dumps(steal, JSON_INDENT(2));
    console_print(console, "%s\n", text);
    free(text);
    json_decref(steal);
    return CONSOLE_DONE;
}

static json_t *head_json(const Asked *asked)
{
    char at[DATE_TEXT_SIZE];
    g_autofree char *text = rule_text(asked->rule);
    date_format_iso(asked->answer->at, at);
    return json_pack("{s:s, s:s, s:s, s:I, s:I, s:s}", "rule", text, "at", at, "zone",
                     zone_name(asked->answer->zone), "count",
                     (json_int_t)set_count(asked->answer->sets[0]), "people",
                     (json_int_t)asked->answer->people->len, "engine",
                     segment_engine_name(asked->answer->engine));
}

static int count_print(const Asked *asked)
{
    if (asked->command->json) return json_print(asked->console, head_json(asked));
    console_print(asked->console, "%u\n", set_count(asked->answer->sets[0]));
    return CONSOLE_DONE;
}

/* ---- list and export ---- */

typedef bool (*PersonPrint)(Console *console, int64_t person_id, const char *name,
                            const char *email, json_t *people);

static bool line_print(Console *console, int64_t person_id, const char *name, const char *email,
                       json_t *people)
{
    (void)people;
    console_print(console, "%-20" G_GINT64_FORMAT " %-30s %s\n", person_id, name ? name : "-",
                  email ? email : "-");
    return !console_is_closed(console);
}

/* A field of a CSV file: quoted where it must be. A sheet would run a formula, so what begins like
 * one gets an apostrophe in front (OWASP, "CSV Injection"). */
static void csv_field(GString *out, const char *text)
{
    bool formula = text && text[0] && strchr("=+-@\t\r", text[0]);
    bool quoted = text && (formula || strpbrk(text, ",\"\r\n"));
    if (!text) return;
    if (quoted) g_string_append_c(out, '"');
    if (formula) g_string_append_c(out, '\'');
    for (; *text; text++) {
        if (*text == '"') g_string_append_c(out, '"');
        g_string_append_c(out, *text);
    }
    if (quoted) g_string_append_c(out, '"');
}

static bool csv_print(Console *console, int64_t person_id, const char *name, const char *email,
                      json_t *people)
{
    (void)people;
    GString *line = g_string_new(NULL);
    g_string_append_printf(line, "%" G_GINT64_FORMAT ",", person_id);
    csv_field(line, name);
    g_string_append_c(line, ',');
    csv_field(line, email);
    console_print(console, "%s\n", line->str);
    g_string_free(line, TRUE);
    return !console_is_closed(console);
}

static bool json_add(Console *console, int64_t person_id, const char *name, const char *email,
                     json_t *people)
{
    g_autofree char *id = g_strdup_printf("%" G_GINT64_FORMAT, person_id);
    json_array_append_new(people,
                          json_pack("{s:s, s:s?, s:s?}", "id", id, "name", name, "email", email));
    return !console_is_closed(console);
}

typedef struct Printing {
    PersonPrint print;
    json_t *people;
    const GArray *ids;
    guint from, end;
} Printing;

static bool people_chunk(const Asked *asked, Db *db, Printing *printing, GError **error)
{
    guint end = MIN(printing->end, printing->from + LIST_CHUNK);
    for (; printing->from < end; printing->from++) {
        SegmentPersonRow row = {0};
        bool found;
        int64_t id = g_array_index(printing->ids, int64_t, printing->from);
        if (!sql_segment_person(db, &(SegmentPersonParams){id}, &row, &found, error)) return false;
        if (!found) continue; /* erased or merged since it was asked */
        if (!printing->print(asked->console, id, row.name, row.email, printing->people))
            return fail(error, KITH_ERROR_UNAVAILABLE, "stopped");
    }
    return true;
}

static bool people_print(const Asked *asked, Printing *printing, GError **error)
{
    Store *store = segments_store(asked->segments);
    while (printing->from < printing->end) {
        Db *db = store_reader_begin(store, error);
        if (!db) return false;
        bool done = people_chunk(asked, db, printing, error);
        store_reader_end(store, db);
        if (!done) return false;
    }
    return true;
}

static int list_print(const Asked *asked, bool all)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) ids = segment_answer_ids(asked->answer, 0);
    json_t *people = json_array();
    Printing printing = {.print = all ? csv_print : line_print, .people = people, .ids = ids};
    bool json = asked->command->json;
    if (json) printing.print = json_add;
    printing.end = all || json ? ids->len : MIN(ids->len, LIST_LINES_MAX);
    if (all && !json) console_print(asked->console, "id,name,email\n");
    bool done = people_print(asked, &printing, &error);
    if (done && json) {
        json_t *reply = head_json(asked);
        json_object_set(reply, "members", people);
        json_print(asked->console, reply);
    }
    json_decref(people);
    if (!done) return console_fail(asked->console, error);
    if (printing.end < ids->len)
        console_note(asked->console, "… and %u more: `kith segment export` prints all\n",
                     ids->len - printing.end);
    return CONSOLE_DONE;
}

/* ---- explain ---- */

static void node_explain(const Asked *asked, const RuleNode *node, int depth)
{
    static const char *const words[] = {
        [RULE_AND] = "all of", [RULE_OR] = "any of", [RULE_NOT] = "not"};
    const PersonSet *set = g_hash_table_lookup(asked->answer->parts, node);
    g_autofree char *own = node->kind <= RULE_NOT ? NULL : rule_node_text(node);
    console_print(asked->console, "%9u  %*s%s\n", set_count(set), 2 * depth, "",
                  own ? own : words[node->kind]);
    for (uint32_t i = 0; i < node->item_count; i++)
        node_explain(asked, node->items[i], depth + 1);
}

static json_t *node_json(const Asked *asked, const RuleNode *node)
{
    const PersonSet *set = g_hash_table_lookup(asked->answer->parts, node);
    g_autofree char *text = rule_node_text(node);
    json_t *items = json_array();
    for (uint32_t i = 0; i < node->item_count; i++)
        json_array_append_new(items, node_json(asked, node->items[i]));
    return json_pack("{s:s, s:I, s:o}", "rule", text, "count", (json_int_t)set_count(set), "parts",
                     items);
}

static void cost_print(const Asked *asked)
{
    const SegmentAnswer *answer = asked->answer;
    const SegmentCost *cost = &answer->costs[0];
    console_print(asked->console, "Read from: %s\n", segment_engine_name(answer->engine));
    console_print(asked->console,
                  "Cost: %" G_GUINT64_FORMAT " entries in memory, %" G_GUINT64_FORMAT
                  " rows of the database, %u people; %.1f ms\n",
                  cost->entries, cost->rows, answer->people->len, (double)answer->took_us / 1000.0);
}

static int explain_print(const Asked *asked)
{
    char at[DATE_TEXT_SIZE];
    if (asked->command->json) {
        json_t *reply = head_json(asked);
        json_object_set_new(reply, "explained", node_json(asked, asked->rule->root));
        json_object_set_new(reply, "cost", cost_json(asked->answer, 0));
        return json_print(asked->console, reply);
    }
    date_format_iso(asked->answer->at, at);
    console_print(asked->console, "Of %u people, judged at %s, days of %s:\n",
                  asked->answer->people->len, at, zone_name(asked->answer->zone));
    node_explain(asked, asked->rule->root, 0);
    cost_print(asked);
    return CONSOLE_DONE;
}

/* ---- create ---- */

static int created_print(Console *console, const SegmentCommand *command, int64_t segment_id,
                         json_t *steal_read)
{
    json_t *reply = steal_read ? steal_read : json_object();
    json_object_set_new(reply, "id", json_id(segment_id));
    json_object_set_new(reply, "name", json_string(command->name));
    if (command->json) return json_print(console, reply);
    console_print(console, "%" G_GINT64_FORMAT "\n", segment_id);
    json_decref(reply);
    return CONSOLE_DONE;
}

static void unknown_tell(Console *console, const json_t *read)
{
    int64_t unknown = json_integer_value(json_object_get(read, "unknown"));
    const json_t *sample = json_object_get(read, "unknown_sample");
    console_note(console, "%" G_GINT64_FORMAT " people of %" G_GINT64_FORMAT " rows\n",
                 (int64_t)json_integer_value(json_object_get(read, "found")),
                 (int64_t)json_integer_value(json_object_get(read, "rows")));
    for (size_t i = 0; i < json_array_size(sample); i++) {
        const json_t *row = json_array_get(sample, i);
        console_note(console, "line %" G_GINT64_FORMAT ": nobody is known as %s\n",
                     (int64_t)json_integer_value(json_object_get(row, "line")),
                     json_string_value(json_object_get(row, "value")));
    }
    if (unknown > (int64_t)json_array_size(sample))
        console_note(console, "… and %" G_GINT64_FORMAT " more rows of nobody known\n",
                     unknown - (int64_t)json_array_size(sample));
}

static bool by_is_known(const char *by)
{
    static const char *const known[] = {"auto", "email", "user_id", "person_id"};
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (!by || strcmp(known[i], by) == 0) return true;
    return false;
}

static int command_fail(Console *console, const GError *error)
{
    console_fail(console, error);
    return error_code(error) == KITH_ERROR_INVALID ? CONSOLE_USAGE : CONSOLE_FAILED;
}

static int members_create(Segments *segments, Console *console, const SegmentCommand *command,
                          const Actor *by)
{
    int64_t segment_id;
    PickedCount count;
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) ids = NULL;
    g_autofree char *path = console_path(console, command->members);
    PickedFile file = {path, command->column, command->by};
    json_t *read = picked_read(segments, &file, &ids, &error);
    if (!read) return command_fail(console, error);
    if (!picked_create(segments, &(PickedNew){by, command->name, ids}, &segment_id, &count,
                       &error)) {
        json_decref(read);
        return command_fail(console, error);
    }
    unknown_tell(console, read);
    return created_print(console, command, segment_id, read);
}

static int create_run(Segments *segments, Console *console, const SegmentCommand *command)
{
    static const Actor by = {.kind = ACTOR_LOCAL, .role = ROLE_OWNER};
    int64_t segment_id;
    g_autoptr(GError) error = NULL;
    if (!command->name || !command->rule == !command->members || !by_is_known(command->by)) {
        fail(&error, KITH_ERROR_INVALID,
             "kith segment create NAME 'RULE', or create NAME --members FILE.csv [--column NAME] "
             "[--by email|user_id|person_id]");
        return command_fail(console, error);
    }
    if (command->members) return members_create(segments, console, command, &by);
    if (!saved_create(segments, &by, command->name, command->rule, &segment_id, &error))
        return command_fail(console, error);
    return created_print(console, command, segment_id, NULL);
}

/* ---- the whole ---- */

static bool is_verb(const char *verb)
{
    static const char *const verbs[] = {"count", "list", "explain", "export", "why"};
    for (size_t i = 0; i < G_N_ELEMENTS(verbs); i++)
        if (g_strcmp0(verb, verbs[i]) == 0) return true;
    return false;
}

static bool usage_check(const SegmentCommand *command, GError **error)
{
    if (!is_verb(command->verb) || !command->rule)
        return fail(error, KITH_ERROR_INVALID,
                    "kith segment count|list|explain|export 'RULE', "
                    "kith segment why 'RULE' PERSON, kith segment create NAME 'RULE' "
                    "(docs/rules.md)");
    bool why = strcmp(command->verb, "why") == 0;
    if (why != (command->person != NULL))
        return fail(error, KITH_ERROR_INVALID,
                    why ? "kith segment why 'RULE' PERSON: an id, an e-mail address or a user id"
                        : "put the whole rule between quotes: kith segment count 'RULE'");
    bool plain = !why && strcmp(command->verb, "explain") != 0;
    if (command->known_at && (command->at || !plain))
        return fail(error, KITH_ERROR_INVALID,
                    "--known-at goes with count, list and export, and without --at");
    return true;
}

static bool is_offered(const json_t *traits, const char *name)
{
    for (size_t i = 0; i < json_array_size(traits); i++) {
        const json_t *path = json_object_get(json_array_get(traits, i), "path");
        if (g_strcmp0(json_string_value(json_array_get(path, 0)), name) == 0) return true;
    }
    return false;
}

static void trait_note(const Asked *asked, const json_t *traits, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (size_t i = 0; i < json_array_size(traits); i++) {
        const json_t *path = json_object_get(json_array_get(traits, i), "path");
        g_ptr_array_add(names, (void *)json_string_value(json_array_get(path, 0)));
    }
    const char *near = near_find(name, (const char *const *)names->pdata, names->len);
    console_note(asked->console,
                 near ? "kith: nobody looked at has a trait \"%s\": did you mean \"%s\"?\n"
                      : "kith: nobody looked at has a trait \"%s\"\n",
                 name, near);
}

static void traits_note(const Asked *asked, const json_t *traits, const RuleNode *node)
{
    bool trait = node->kind == RULE_FIELD;
    if (trait && !is_offered(traits, node->field.names[0]))
        trait_note(asked, traits, node->field.names[0]);
    for (uint32_t i = 0; i < node->item_count; i++)
        traits_note(asked, traits, node->items[i]);
}

/* A trait may be anything, so a slip is no mistake; where nobody is meant, it is worth a word. */
static void nobody_note(const Asked *asked)
{
    g_autoptr(GError) error = NULL;
    if (set_count(asked->answer->sets[0]) > 0) return;
    json_t *names = suggest_names(asked->segments, &error);
    if (names) traits_note(asked, json_object_get(names, "traits"), asked->rule->root);
    json_decref(names);
}

static int answer_print(const Asked *asked)
{
    if (strcmp(asked->command->verb, "count") == 0) return count_print(asked);
    if (strcmp(asked->command->verb, "explain") == 0) return explain_print(asked);
    return list_print(asked, strcmp(asked->command->verb, "export") == 0);
}

static int usage(Console *console, const GError *error)
{
    console_fail(console, error);
    return CONSOLE_USAGE;
}

static int why_print(Segments *segments, Console *console, const SegmentCommand *command,
                     const Rule *rule, int64_t at)
{
    g_autoptr(GError) error = NULL;
    WhyAsk ask = {why_person(segments, command->person), rule, at};
    json_t *why = why_json(segments, &ask, &error);
    if (!why && error_code(error) == KITH_ERROR_INVALID) return usage(console, error);
    if (!why) return console_fail(console, error);
    if (command->json) return json_print(console, why);
    g_autofree char *text = why_text(why);
    console_print(console, "%s", text);
    json_decref(why);
    return CONSOLE_DONE;
}

/* The record's answer looks like one to everybody. */
static int known_print(Segments *segments, Console *console, const SegmentCommand *command,
                       const Rule *rule)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SegmentAnswer) answer = g_new0(SegmentAnswer, 1);
    answer->people = g_array_new(FALSE, FALSE, sizeof(int64_t));
    if (!segments_at(segments, command->known_at, &answer->at, &error) ||
        !segments_zone(segments, &answer->zone, &error))
        return usage(console, error);
    GArray *ids = watch_known_at(segments, rule, answer->at, &error);
    if (!ids && error_code(error) == KITH_ERROR_INVALID) return usage(console, error);
    if (!ids) return console_fail(console, error);
    g_array_unref(answer->people);
    answer->people = ids;
    answer->count = 1;
    answer->sets = g_new0(PersonSet *, 1);
    answer->sets[0] = set_full(ids->len);
    Asked asked = {segments, console, command, rule, answer};
    return answer_print(&asked);
}

int segment_command(Segments *segments, Console *console, const SegmentCommand *command)
{
    g_autoptr(GError) error = NULL;
    int64_t at = clock_now_ms();
    if (g_strcmp0(command->verb, "create") == 0) return create_run(segments, console, command);
    if (!usage_check(command, &error)) return usage(console, error);
    g_autoptr(Rule) rule = rule_parse(slice_of(command->rule), NULL, &error);
    if (!rule) return usage(console, error);
    if (command->at && !segments_at(segments, command->at, &at, &error))
        return usage(console, error);
    if (command->person) return why_print(segments, console, command, rule, at);
    if (command->known_at) return known_print(segments, console, command, rule);
    const Rule *rules[] = {rule};
    SegmentAsk ask = {
        .rules = rules, .count = 1, .at = at, .parts = strcmp(command->verb, "explain") == 0};
    g_autoptr(SegmentAnswer) answer = segments_ask(segments, &ask, &error);
    if (!answer && error_code(error) == KITH_ERROR_INVALID) return usage(console, error);
    if (!answer) return console_fail(console, error);
    Asked asked = {segments, console, command, rule, answer};
    nobody_note(&asked);
    return answer_print(&asked);
}
