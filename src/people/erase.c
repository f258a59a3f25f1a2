#include "people/erase.h"

#include <string.h>

#include "base/clock.h"
#include "people/consent.h"
#include "people/erase_sql.h"
#include "people/json.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/person.h"
#include "people/resolve_sql.h"
#include "store/changes.h"
#include "store/jobs.h"
#include "store/never.h"

/* Ids of one line of never.log: well under NEVER_RECORD_MAX. Lines repeated in one unit. */
enum { RECORD_IDS = 100, REPLAY_RECORDS = 500 };

/* ---- on the answer ---- */

typedef struct Erase {
    People *people;
    Db *db;
    GArray *stems;
    int64_t person_id;
    int64_t at;
} Erase;

static bool is_address(IdentityKind kind)
{
    return kind == IDENTITY_EMAIL || kind == IDENTITY_PHONE;
}

/* Nobody finds the person by this value any more, and nothing is ever sent to it. */
static bool identity_forget(Erase *erase, int64_t stem, const PersonIdentityListRow *row,
                            GError **error)
{
    IdentityKind kind = identity_kind_parse(row->kind);
    if (kind == IDENTITY_ANONYMOUS_ID || kind == IDENTITY_KIND_END) return true;
    Hash128 hash = people_identity_hash(erase->people, kind, slice_of(row->value));
    if (people_identity_stem(erase->people, hash, NULL) == stem)
        people_identity_drop(erase->people, hash);
    IdentityDeleteParams params = {row->kind, row->value, stem};
    if (!sql_identity_delete(erase->db, &params, NULL, error)) return false;
    if (!is_address(kind)) return true;
    return people_consent_suppress(erase->people, erase->db, kind, row->value, error);
}

static bool names_forget(Erase *erase, int64_t stem, GError **error)
{
    PersonIdentityListParams params = {stem};
    PersonIdentityListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_person_identity_list_open(erase->db, &params, &cursor, error)) return false;
    while (sql_person_identity_list_next(&cursor, &row))
        if (!identity_forget(erase, stem, &row, error)) return false;
    return db_cursor_finish(&cursor, error);
}

static bool stem_forget(Erase *erase, int64_t stem, GError **error)
{
    people_link_drop(erase->people, stem);
    people_erased_put(erase->people, stem);
    if (!sql_erase_links(erase->db, &(EraseLinksParams){stem}, NULL, error)) return false;
    if (stem < 0) return true;
    if (!names_forget(erase, stem, error)) return false;
    if (!sql_erase_summary(erase->db, &(EraseSummaryParams){stem}, NULL, error)) return false;
    if (!store_changed_now(erase->db, CHANGE_PERSON, stem, error)) return false;
    return sql_erase_person(erase->db, &(ErasePersonParams){stem, erase->at}, NULL, error);
}

static char *stems_json(const GArray *stems)
{
    GString *text = g_string_new("[");
    for (guint i = 0; i < stems->len; i++)
        g_string_append_printf(text, "%s\"%" G_GINT64_FORMAT "\"", i ? "," : "",
                               g_array_index(stems, int64_t, i));
    g_string_append_c(text, ']');
    return g_string_free(text, FALSE);
}

/* "erase ID ID …": ids only, so the line itself is nothing to erase. */
static bool erasure_log(Erase *erase, GError **error)
{
    for (guint from = 0; from < erase->stems->len; from += RECORD_IDS) {
        g_autoptr(GString) line = g_string_new("erase");
        for (guint i = from; i < MIN(from + RECORD_IDS, erase->stems->len); i++)
            g_string_append_printf(line, " %" G_GINT64_FORMAT,
                                   g_array_index(erase->stems, int64_t, i));
        if (!store_never_append(erase->people->store, line->str, error)) return false;
    }
    return true;
}

static bool erasure_add(Erase *erase, int64_t erasure_id, GError **error)
{
    g_autofree char *stems = stems_json(erase->stems);
    ErasureInsertParams params = {erasure_id, erase->person_id, stems, erase->at};
    if (!sql_erasure_insert(erase->db, &params, NULL, error)) return false;
    char key[ID_TEXT_SIZE];
    id_format(erasure_id, key);
    JobAdd job = {.kind = PEOPLE_ERASE_JOB, .key = key, .due_at = erase->at};
    return jobs_add(erase->db, &job, error) && erasure_log(erase, error);
}

static bool erase_run(Erase *erase, int64_t erasure_id, GError **error)
{
    PeopleRefusal refusal = {.person_id = erase->person_id,
                             .channel = "*",
                             .topic = "*",
                             .reason = denial_reason_name(DENIAL_ERASED)};
    if (!people_refused(erase->people, erase->db, &refusal, error)) return false;
    for (guint i = 0; i < erase->stems->len; i++)
        if (!stem_forget(erase, g_array_index(erase->stems, int64_t, i), error)) return false;
    return erasure_add(erase, erasure_id, error);
}

bool people_erase(People *people, Db *db, int64_t person_id, int64_t *ret_erasure_id,
                  GError **error)
{
    if (!people_check(people, db, person_id, error)) return false;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    Erase erase = {people, db, stems, person_id, clock_now_ms()};
    int64_t erasure_id = store_id_next(people->store);
    if (!erase_run(&erase, erasure_id, error)) return false;
    *ret_erasure_id = erasure_id;
    return true;
}

/* ---- to the last byte ---- */

typedef struct Chunk {
    const PersonalTable *table;
    int64_t stem, changed;
} Chunk;

static bool chunk_run(Db *db, void *data, GError **error)
{
    Chunk *chunk = data;
    return chunk->table->erase(db, chunk->stem, PERSONAL_CHUNK_ROWS, &chunk->changed, error);
}

static bool table_erase(People *people, const PersonalTable *table, int64_t stem, GError **error)
{
    Chunk chunk = {table, stem, 0};
    do {
        chunk.changed = 0;
        if (!writer_call(store_writer(people->store), WRITER_REST, chunk_run, &chunk, error))
            return false;
    } while (chunk.changed > 0);
    return true;
}

static bool tables_erase(People *people, int64_t stem, GError **error)
{
    const PersonalTable *const *list = people->domains.personal;
    for (; list && *list; list++)
        for (const PersonalTable *table = *list; table->table; table++)
            if (table->erase && !table_erase(people, table, stem, error)) return false;
    return true;
}

static bool files_erase(People *people, int64_t stem, GError **error)
{
    const PersonalFile *file = people->domains.files;
    for (; file && file->name; file++)
        if (file->erase && !file->erase(file->context, stem, error)) return false;
    return true;
}

static bool files_seal(People *people, GError **error)
{
    const PersonalFile *file = people->domains.files;
    for (; file && file->name; file++)
        if (file->seal && !file->seal(file->context, error)) return false;
    return true;
}

static bool done_run(Db *db, void *data, GError **error)
{
    return sql_erasure_done(db, data, NULL, error);
}

static GArray *stems_of(const char *text)
{
    GArray *stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    json_t *list = json_loads(text, 0, NULL), *item;
    size_t index;
    json_array_foreach(list, index, item)
    {
        const char *id = json_string_value(item);
        int64_t stem = id ? g_ascii_strtoll(id, NULL, 10) : 0;
        if (stem) g_array_append_val(stems, stem);
    }
    json_decref(list);
    return stems;
}

/* The stems of an open erasure; empty when it is done. */
static GArray *erasure_stems(People *people, int64_t erasure_id, GError **error)
{
    ErasureFindParams params = {erasure_id};
    ErasureFindRow row = {0};
    bool found;
    GArray *stems = NULL;
    Db *db = store_reader_begin(people->store, error);
    if (!db) return NULL;
    if (sql_erasure_find(db, &params, &row, &found, error))
        stems = stems_of(found && !row.done_at.set ? row.stems : "[]");
    store_reader_end(people->store, db);
    return stems;
}

bool people_erase_rest(People *people, int64_t erasure_id, GError **error)
{
    g_autoptr(GArray) stems = erasure_stems(people, erasure_id, error);
    if (!stems) return false;
    if (stems->len == 0) return true;
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (!tables_erase(people, stem, error) || !files_erase(people, stem, error)) return false;
    }
    if (!files_seal(people, error) || !store_log_empty(people->store, error)) return false;
    ErasureDoneParams done = {erasure_id, clock_now_ms()};
    return writer_call(store_writer(people->store), WRITER_REST, done_run, &done, error);
}

static GArray *erasures_open(People *people, GError **error)
{
    ErasureOpenRow row;
    Db *db = store_reader_begin(people->store, error);
    if (!db) return NULL;
    g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(int64_t));
    g_auto(DbCursor) cursor = {0};
    bool done = sql_erasure_open_open(db, &cursor, error);
    while (done && sql_erasure_open_next(&cursor, &row))
        g_array_append_val(ids, row.erasure_id);
    done = done && db_cursor_finish(&cursor, error);
    store_reader_end(people->store, db);
    return done ? g_steal_pointer(&ids) : NULL;
}

bool people_erase_all(People *people, GError **error)
{
    g_autoptr(GArray) ids = erasures_open(people, error);
    if (!ids) return false;
    for (guint i = 0; i < ids->len; i++)
        if (!people_erase_rest(people, g_array_index(ids, int64_t, i), error)) return false;
    return true;
}

/* ---- never.log over a restored backup ---- */

typedef struct Replay {
    People *people;
    GPtrArray *records; /* of char *: those of one unit */
    int64_t count;
} Replay;

static bool erase_again(Replay *replay, Db *db, int64_t stem, GError **error)
{
    int64_t erasure_id, person_id = people_person(replay->people, stem);
    PersonFindParams params = {stem};
    PersonFindRow row = {0};
    bool found;
    if (stem < 0 || person_id <= 0) return true;
    if (!sql_person_find(db, &params, &row, &found, error)) return false;
    if (!found || row.erased_at.set) return true;
    replay->count++;
    return people_erase(replay->people, db, person_id, &erasure_id, error);
}

static bool erase_replay(Replay *replay, Db *db, const char *ids, GError **error)
{
    g_auto(GStrv) words = g_strsplit(ids, " ", -1);
    for (char **word = words; *word; word++)
        if (**word && !erase_again(replay, db, g_ascii_strtoll(*word, NULL, 10), error))
            return false;
    return true;
}

static bool record_apply(Replay *replay, Db *db, const char *record, GError **error)
{
    if (g_str_has_prefix(record, "erase "))
        return erase_replay(replay, db, record + strlen("erase "), error);
    if (g_str_has_prefix(record, "deny "))
        return people_consent_replay(db, record, &replay->count, error);
    return true; /* another folder's */
}

static bool records_run(Db *db, void *data, GError **error)
{
    Replay *replay = data;
    for (guint i = 0; i < replay->records->len; i++)
        if (!record_apply(replay, db, replay->records->pdata[i], error)) return false;
    people_permission_touch(replay->people, 0);
    return true;
}

static bool records_flush(Replay *replay, GError **error)
{
    Writer *writer = store_writer(replay->people->store);
    if (!replay->records->len) return true;
    if (!writer_call(writer, WRITER_HANDOVER, records_run, replay, error)) return false;
    g_ptr_array_set_size(replay->records, 0);
    return true;
}

static bool record_take(const char *record, void *data, GError **error)
{
    Replay *replay = data;
    g_ptr_array_add(replay->records, g_strdup(record));
    return replay->records->len < REPLAY_RECORDS || records_flush(replay, error);
}

bool people_never_replay(People *people, int64_t *ret_count, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(g_free);
    Replay replay = {.people = people, .records = records};
    if (!store_never_replay(people->store, record_take, &replay, error)) return false;
    if (!records_flush(&replay, error)) return false;
    *ret_count = replay.count;
    return true;
}
