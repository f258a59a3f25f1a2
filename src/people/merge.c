#include "people/merge.h"

#include "people/consent.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/resolve_sql.h"
#include "people/summary.h"
#include "store/store.h"

static bool person_check(People *people, Db *db, int64_t person_id, GError **error)
{
    PersonFindParams params = {person_id};
    PersonFindRow row;
    bool found;
    if (!sql_person_find(db, &params, &row, &found, error)) return false;
    if (!found || row.erased_at.set || people_is_erased(people, person_id))
        return fail(error, KITH_ERROR_NOT_FOUND, "no such person: %" G_GINT64_FORMAT, person_id);
    return true;
}

static bool merge_check(People *people, Db *db, const MergeInput *input, GError **error)
{
    if (!person_check(people, db, input->winner, error)) return false;
    if (!person_check(people, db, input->loser, error)) return false;
    int64_t winner = links_person(people->links, input->winner);
    int64_t loser = links_person(people->links, input->loser);
    if (winner == loser)
        return fail(error, KITH_ERROR_CONFLICT, "%" G_GINT64_FORMAT " is this person already",
                    input->loser);
    if (winner != input->winner || loser != input->loser)
        return fail(error, KITH_ERROR_CONFLICT, "one of them was merged into somebody else");
    size_t stems = links_count_stems(people->links, winner, LINK_STEMS_MAX) +
                   links_count_stems(people->links, loser, LINK_STEMS_MAX);
    if (stems > LINK_STEMS_MAX)
        return fail(error, KITH_ERROR_LIMIT, "a person has at most %d parts", LINK_STEMS_MAX);
    return true;
}

static bool settle(People *people, Db *db, const MergeInput *input, int64_t merge_id,
                   GError **error)
{
    const Settlement *const *list = people->domains.settlements;
    for (; list && *list; list++) {
        for (const Settlement *one = *list; one->name; one++) {
            if (one->merge && !one->merge(db, merge_id, input->winner, input->loser, error))
                return false;
        }
    }
    return true;
}

static bool unsettle(People *people, Db *db, int64_t merge_id, const MergeFindRow *merge,
                     GError **error)
{
    const Settlement *const *list = people->domains.settlements;
    for (; list && *list; list++) {
        for (const Settlement *one = *list; one->name; one++) {
            if (one->undo && !one->undo(db, merge_id, merge->winner, merge->loser, error))
                return false;
        }
    }
    return true;
}

bool people_merge(People *people, Db *db, const MergeInput *input, int64_t *ret_merge_id,
                  GError **error)
{
    if (!merge_check(people, db, input, error)) return false;
    int64_t merge_id = store_id_next(people->store);
    MergeInsertParams merge = {merge_id,      input->winner, input->loser,
                               input->reason, input->actor,  input->at};
    if (!sql_merge_insert(db, &merge, NULL, error)) return false;
    LinkInsertParams link = {input->loser, merge_id, input->winner, input->at};
    if (!sql_link_insert(db, &link, NULL, error)) return false;
    people_link_put(people, input->loser, input->winner);
    if (!settle(people, db, input, merge_id, error)) return false;
    if (!people_summary_refresh(people, db, input->loser, error)) return false;
    if (!people_summary_refresh(people, db, input->winner, error)) return false;
    *ret_merge_id = merge_id;
    return true;
}

static bool undo_check(People *people, Db *db, int64_t merge_id, MergeFindRow *ret_merge,
                       GError **error)
{
    MergeFindParams params = {merge_id};
    bool found;
    if (!sql_merge_find(db, &params, ret_merge, &found, error)) return false;
    if (!found)
        return fail(error, KITH_ERROR_NOT_FOUND, "no such merge: %" G_GINT64_FORMAT, merge_id);
    if (ret_merge->undone_at.set)
        return fail(error, KITH_ERROR_CONFLICT, "this merge was undone before");
    if (!person_check(people, db, ret_merge->winner, error)) return false;
    return person_check(people, db, ret_merge->loser, error);
}

bool people_merge_undo(People *people, Db *db, const MergeUndo *undo, GError **error)
{
    MergeFindRow merge = {0};
    if (!undo_check(people, db, undo->merge_id, &merge, error)) return false;
    if (!people_consent_split(people, db, merge.loser, error)) return false;
    MergeUndoParams params = {undo->merge_id, undo->at, undo->actor};
    if (!sql_merge_undo(db, &params, NULL, error)) return false;
    LinkEndParams end = {merge.loser, undo->merge_id, undo->at};
    if (!sql_link_end(db, &end, NULL, error)) return false;
    people_link_drop(people, merge.loser);
    if (!unsettle(people, db, undo->merge_id, &merge, error)) return false;
    int64_t winner = links_person(people->links, merge.winner);
    if (!people_summary_refresh(people, db, merge.loser, error)) return false;
    return people_summary_refresh(people, db, winner, error);
}
