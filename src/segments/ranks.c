#include "segments/ranks.h"

#include "segments/evaluate.h"

enum { RANKS_KEPT = 64 };

typedef struct Ranking {
    char *text;  /* of the condition: equal texts, equal ranks */
    int64_t at;  /* UTC ms */
    GArray *ids; /* of int64_t, rising */
} Ranking;

struct Ranks {
    GMutex mutex;
    GPtrArray *kept; /* of Ranking, the newest last */
};

static void ranking_free(gpointer data)
{
    Ranking *ranking = data;
    g_free(ranking->text);
    g_array_unref(ranking->ids);
    g_free(ranking);
}

Ranks *ranks_new(void)
{
    Ranks *ranks = g_new0(Ranks, 1);
    g_mutex_init(&ranks->mutex);
    ranks->kept = g_ptr_array_new_with_free_func(ranking_free);
    return ranks;
}

void ranks_free(Ranks *ranks)
{
    if (!ranks) return;
    g_ptr_array_unref(ranks->kept);
    g_mutex_clear(&ranks->mutex);
    g_free(ranks);
}

static Ranking *ranking_find(const Ranks *ranks, const char *text)
{
    for (guint i = 0; i < ranks->kept->len; i++) {
        Ranking *ranking = ranks->kept->pdata[i];
        if (g_str_equal(ranking->text, text)) return ranking;
    }
    return NULL;
}

/* Members as kept; NULL when they are too old, or of a later time. */
static GArray *ids_kept(Ranks *ranks, const char *text, int64_t at)
{
    g_mutex_lock(&ranks->mutex);
    const Ranking *ranking = ranking_find(ranks, text);
    bool young = ranking && at >= ranking->at && at - ranking->at < JUDGE_RANK_AGE_MS;
    GArray *ids = young ? g_array_ref(ranking->ids) : NULL;
    g_mutex_unlock(&ranks->mutex);
    return ids;
}

static void ids_keep(Ranks *ranks, const char *text, int64_t at, GArray *ids)
{
    Ranking *ranking = g_new0(Ranking, 1);
    *ranking = (Ranking){g_strdup(text), at, g_array_ref(ids)};
    g_mutex_lock(&ranks->mutex);
    Ranking *older = ranking_find(ranks, text);
    if (older) g_ptr_array_remove(ranks->kept, older);
    if (ranks->kept->len >= RANKS_KEPT) g_ptr_array_remove_index(ranks->kept, 0);
    g_ptr_array_add(ranks->kept, ranking);
    g_mutex_unlock(&ranks->mutex);
}

static GArray *ids_ask(Segments *segments, const char *text, int64_t at, GError **error)
{
    g_autoptr(Rule) rule = rule_parse(slice_of(text), NULL, error);
    if (!rule) return NULL;
    const Rule *rules[] = {rule};
    SegmentAsk ask = {.rules = rules, .count = 1, .at = at};
    g_autoptr(SegmentAnswer) answer = segments_ask(segments, &ask, error);
    return answer ? segment_answer_ids(answer, 0) : NULL;
}

static bool ids_has(const GArray *ids, int64_t person_id)
{
    guint low = 0, high = ids->len;
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (g_array_index(ids, int64_t, middle) < person_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < ids->len && g_array_index(ids, int64_t, low) == person_id;
}

bool ranks_has(Segments *segments, const RankAsk *ask, bool *ret_has, GError **error)
{
    g_autofree char *text = rule_node_text(ask->node);
    g_autoptr(GArray) ids = ask->kept ? ids_kept(segments->ranks, text, ask->at) : NULL;
    if (!ids) {
        ids = ids_ask(segments, text, ask->at, error);
        if (!ids) return false;
        if (ask->kept) ids_keep(segments->ranks, text, ask->at, ids);
    }
    *ret_has = ids_has(ids, ask->person_id);
    return true;
}

void ranks_forget(Segments *segments)
{
    g_mutex_lock(&segments->ranks->mutex);
    g_ptr_array_set_size(segments->ranks->kept, 0);
    g_mutex_unlock(&segments->ranks->mutex);
}

int64_t ranks_oldest(Segments *segments)
{
    Ranks *ranks = segments->ranks;
    int64_t oldest = INT64_MAX;
    g_mutex_lock(&ranks->mutex);
    for (guint i = 0; i < ranks->kept->len; i++)
        oldest = MIN(oldest, ((const Ranking *)ranks->kept->pdata[i])->at);
    g_mutex_unlock(&ranks->mutex);
    return oldest;
}
