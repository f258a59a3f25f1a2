#include "segments/evaluate.h"
#include "segments/picked_sql.h"

/* One list, read for everybody or for each of a few stems. */
typedef struct PickLoad {
    Evaluation *evaluation;
    int64_t segment_id;
    LoadAt at;
} PickLoad;

bool pick_holds(const FactPick *pick, int64_t now)
{
    return pick->added_at < now && pick->removed_at >= now;
}

void evaluation_tell_pick(Evaluation *evaluation, const FactPick *pick)
{
    if (evaluation->facts) {
        facts_add_pick(evaluation->facts, pick);
        return;
    }
    if (!pick_holds(pick, evaluation->moment.now)) return;
    int64_t person = evaluation_index(evaluation, pick->stem);
    for (guint i = 0; person >= 0 && i < evaluation->leaves->len; i++) {
        Leaf *leaf = evaluation->leaves->pdata[i];
        if (leaf->list_id == pick->segment_id) set_add(leaf->set, (uint32_t)person);
    }
}

static int64_t removed_of(DbInt removed) { return removed.set ? removed.value : INT64_MAX; }

static bool all_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    PickLoad *load = data;
    LoadPicksParams params = {load->segment_id, load->at.person, load->at.id,
                              load_rows(load->evaluation)};
    LoadPicksRow row;
    int64_t rows = 0;
    g_auto(DbCursor) cursor = {0};
    if (!sql_load_picks_open(db, &params, &cursor, error)) return false;
    for (; sql_load_picks_next(&cursor, &row); rows++) {
        evaluation_tell_pick(
            load->evaluation,
            &(FactPick){row.person_id, load->segment_id, row.added_at, removed_of(row.removed_at)});
        load->at.person = row.person_id;
        load->at.id = row.added_at;
    }
    load->evaluation->rows_read += (uint64_t)rows;
    *ret_more = rows == load_rows(load->evaluation);
    return db_cursor_finish(&cursor, error);
}

/* How often one person was put on one list: few rows. */
static bool stem_chunk(void *data, Db *db, bool *ret_more, GError **error)
{
    PickLoad *load = data;
    LoadPicksOfParams params = {load->at.person, load->segment_id};
    LoadPicksOfRow row;
    g_auto(DbCursor) cursor = {0};
    *ret_more = false;
    if (!sql_load_picks_of_open(db, &params, &cursor, error)) return false;
    while (sql_load_picks_of_next(&cursor, &row))
        evaluation_tell_pick(load->evaluation,
                             &(FactPick){load->at.person, load->segment_id, row.added_at,
                                         removed_of(row.removed_at)});
    return db_cursor_finish(&cursor, error);
}

/* Whether an earlier leaf is filled from the same list, and this one with it. */
static bool is_read(const Evaluation *evaluation, guint end)
{
    const Leaf *leaf = evaluation->leaves->pdata[end];
    for (guint i = 0; i < end; i++)
        if (((const Leaf *)evaluation->leaves->pdata[i])->list_id == leaf->list_id) return true;
    return false;
}

bool load_picks(Evaluation *evaluation, GError **error)
{
    LoadChunk chunk = evaluation->stems ? stem_chunk : all_chunk;
    for (guint i = 0; i < evaluation->leaves->len; i++) {
        const Leaf *leaf = evaluation->leaves->pdata[i];
        if (!leaf->list_id || is_read(evaluation, i)) continue;
        PickLoad load = {.evaluation = evaluation, .segment_id = leaf->list_id};
        if (!load_spans(evaluation, chunk, &load, &load.at, error)) return false;
    }
    return true;
}
