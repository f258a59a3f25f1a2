/* bench/segments.c: rules asked as text of all events of bench/history.h, in this process.
 *
 *     kith-segments-bench FOLDER EVENTS PEOPLE RULES [OPTION…]
 *
 * RULES is a folder of NAME.rule files, or one file with a rule a line. Each is parsed, planned,
 * filled and joined to a set by segments_ask: once cold and, when what it wanted is held, --rounds
 * times; --together asks all of them at once, as a full re-check does. Prints one JSON object: of
 * each rule the people it means (with two sums, by which answers are compared), the median and the
 * best time, the CPU time of all threads (median), and what it was answered from.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "segments/language.h"
#include "stage.h"

enum { ROUNDS_MAX = 1000 };

typedef struct Options {
    StageOptions stage;
    const char *rules, *only;
    int rounds;
    bool together;
} Options;

typedef struct Question {
    char *name, *text;
} Question;

typedef struct Timing {
    double wall_ms[ROUNDS_MAX], cpu_ms[ROUNDS_MAX];
    double cold_ms;
    int rounds;
} Timing;

static double clock_ms(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void die(const GError *error, const char *what)
{
    fprintf(stderr, "kith-segments-bench: %s: %s\n", what, error ? error->message : "failed");
    exit(1);
}

/* ---- questions ---- */

static void question_free(gpointer data)
{
    Question *question = data;
    g_free(question->name);
    g_free(question->text);
    g_free(question);
}

static void question_add(GPtrArray *questions, const char *name, const char *text)
{
    Question *question = g_new0(Question, 1);
    question->name = g_strdup(name);
    question->text = g_strstrip(g_strdup(text));
    g_ptr_array_add(questions, question);
}

static void lines_read(GPtrArray *questions, const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (int i = 0; lines[i]; i++) {
        g_autofree char *name = g_strdup_printf("%d", i + 1);
        if (lines[i][0]) question_add(questions, name, lines[i]);
    }
}

static int question_compare(const void *a, const void *b)
{
    return strcmp((*(const Question *const *)a)->name, (*(const Question *const *)b)->name);
}

static void folder_read(GPtrArray *questions, const Options *options, GDir *folder)
{
    const char *file;
    while ((file = g_dir_read_name(folder))) {
        g_autofree char *text = NULL;
        g_autofree char *path = g_build_filename(options->rules, file, NULL);
        g_autofree char *name = g_strndup(file, strcspn(file, "."));
        if (!g_str_has_suffix(file, ".rule")) continue;
        if (options->only && strcmp(options->only, name) != 0) continue;
        if (g_file_get_contents(path, &text, NULL, NULL)) question_add(questions, name, text);
    }
    g_ptr_array_sort(questions, question_compare);
}

static GPtrArray *questions_read(const Options *options)
{
    g_autoptr(GError) error = NULL;
    GPtrArray *questions = g_ptr_array_new_with_free_func(question_free);
    g_autoptr(GDir) folder = g_dir_open(options->rules, 0, NULL);
    g_autofree char *text = NULL;
    if (folder)
        folder_read(questions, options, folder);
    else if (!g_file_get_contents(options->rules, &text, NULL, &error))
        die(error, options->rules);
    else
        lines_read(questions, text);
    return questions;
}

/* ---- asking ---- */

/* From texts to sets. */
static SegmentAnswer *ask(const Stage *stage, const Question *const *questions, guint count)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    for (guint i = 0; i < count; i++) {
        Rule *rule = rule_parse(slice_of(questions[i]->text), NULL, &error);
        if (!rule) die(error, questions[i]->text);
        g_ptr_array_add(rules, rule);
    }
    SegmentAsk asked = {.rules = (const Rule *const *)(void *)rules->pdata,
                        .count = count,
                        .at = history_end(&stage->history)};
    SegmentAnswer *answer = segments_ask(stage->segments, &asked, &error);
    if (!answer) die(error, questions[0]->text);
    return answer;
}

static SegmentAnswer *ask_timed(const Stage *stage, const Question *const *questions, guint count,
                                Timing *timing)
{
    double started = clock_ms(CLOCK_MONOTONIC);
    SegmentAnswer *answer = ask(stage, questions, count);
    timing->cold_ms = clock_ms(CLOCK_MONOTONIC) - started;
    segment_answer_free(answer);
    feed_settle(stage->feed); /* what it wanted is held from now on */
    answer = ask(stage, questions, count);
    for (int i = 0; i < timing->rounds; i++) {
        double cpu = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
        started = clock_ms(CLOCK_MONOTONIC);
        SegmentAnswer *again = ask(stage, questions, count);
        timing->wall_ms[i] = clock_ms(CLOCK_MONOTONIC) - started;
        timing->cpu_ms[i] = clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu;
        segment_answer_free(again);
    }
    return answer;
}

static int double_compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void timing_print(Timing *timing)
{
    size_t rounds = (size_t)timing->rounds;
    qsort(timing->wall_ms, rounds, sizeof(double), double_compare);
    qsort(timing->cpu_ms, rounds, sizeof(double), double_compare);
    printf("\"cold_ms\": %.3f, \"ms\": %.3f, \"best_ms\": %.3f, \"cpu_ms\": %.3f, \"rounds\": %zu",
           timing->cold_ms, timing->wall_ms[rounds / 2], timing->wall_ms[0],
           timing->cpu_ms[rounds / 2], rounds);
}

/* Two answers are the same people when count and both sums are the same. */
static void people_print(const SegmentAnswer *answer)
{
    uint64_t count = 0, sum = 0, squares = 0;
    g_autoptr(GArray) ids = segment_answer_ids(answer, 0);
    for (guint i = 0; i < ids->len; i++) {
        uint64_t person = stage_person(g_array_index(ids, int64_t, i));
        count++;
        sum += person;
        squares += person * person % 2147483647;
    }
    printf("\"answer\": \"%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
           "\", \"engine\": \"%s\", ",
           count, sum, squares, segment_engine_name(answer->engine));
}

static void one_print(const Stage *stage, const Options *options, const Question *question)
{
    Timing timing = {.rounds = options->rounds};
    g_autoptr(SegmentAnswer) answer = ask_timed(stage, &question, 1, &timing);
    printf("\"%s\": {", question->name);
    people_print(answer);
    timing_print(&timing);
    printf("}");
}

static void together_print(const Stage *stage, const Options *options, const GPtrArray *questions)
{
    Timing timing = {.rounds = options->rounds};
    const Question *const *all = (const Question *const *)(void *)questions->pdata;
    g_autoptr(SegmentAnswer) answer = ask_timed(stage, all, questions->len, &timing);
    printf("\"together\": {\"rules\": %u, \"engine\": \"%s\", ", questions->len,
           segment_engine_name(answer->engine));
    timing_print(&timing);
    printf("}");
}

static void print(const Stage *stage, const Options *options, const GPtrArray *questions)
{
    printf("{\"events\": %" G_GUINT64_FORMAT ", \"people\": %u, \"columns_s\": %.2f, "
           "\"columns_made\": %s, \"rules\": {",
           stage->options.events, stage->options.people, stage->columns_s,
           stage->made ? "true" : "false");
    for (guint i = 0; !options->together && i < questions->len; i++) {
        if (i > 0) printf(",\n");
        one_print(stage, options, questions->pdata[i]);
    }
    if (options->together) together_print(stage, options, questions);
    printf("}}\n");
}

static Options options_read(int argc, char **argv)
{
    Options options = {.rounds = 11};
    const GOptionEntry entries[] = {
        {"rounds", 0, 0, G_OPTION_ARG_INT, &options.rounds, "warm repetitions", "N"},
        {"only", 0, 0, G_OPTION_ARG_STRING, &options.only, "one rule", "NAME"},
        {"anew", 0, 0, G_OPTION_ARG_NONE, &options.stage.anew, "make the columns anew", NULL},
        {"together", 0, 0, G_OPTION_ARG_NONE, &options.together, "ask all at once", NULL},
        {NULL},
    };
    g_autoptr(GError) error = NULL;
    g_autoptr(GOptionContext) context = g_option_context_new("FOLDER EVENTS PEOPLE RULES");
    g_option_context_add_main_entries(context, entries, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &error)) die(error, "options");
    if (argc != 5 || options.rounds < 1 || options.rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: kith-segments-bench FOLDER EVENTS PEOPLE RULES\n");
        exit(2);
    }
    options.stage.folder = argv[1];
    options.stage.events = g_ascii_strtoull(argv[2], NULL, 10);
    options.stage.people = (uint32_t)g_ascii_strtoull(argv[3], NULL, 10);
    options.rules = argv[4];
    return options;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options = options_read(argc, argv);
    g_autoptr(GPtrArray) questions = questions_read(&options);
    g_autoptr(Stage) stage = stage_open(&options.stage, &error);
    if (!stage) die(error, options.stage.folder);
    print(stage, &options, questions);
    return 0;
}
