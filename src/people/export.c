#include "people/export.h"

#include "base/clock.h"
#include "people/consent.h"
#include "people/consent_sql.h"
#include "people/json.h"
#include "people/people_state.h"
#include "people/person.h"
#include "store/store.h"

/* One table over all stems, each stem in a snapshot of its own. */
static bool table_rows(People *people, const PersonalTable *table, const GArray *stems,
                       json_t *rows, GError **error)
{
    for (guint i = 0; i < stems->len; i++) {
        Db *db = store_reader_begin(people->store, error);
        if (!db) return false;
        bool done = table->export(db, g_array_index(stems, int64_t, i), rows, error);
        store_reader_end(people->store, db);
        if (!done) return false;
    }
    return true;
}

static json_t *columns_json(const PersonalTable *table)
{
    json_t *columns = json_object();
    for (const PersonalColumn *column = table->columns; column->column; column++)
        json_object_set_new(columns, column->column, json_string(column->holds));
    return columns;
}

static bool tables_export(People *people, const GArray *stems, json_t *document, GError **error)
{
    json_t *data = json_object(), *columns = json_object();
    json_object_set_new(document, "data", data);
    json_object_set_new(document, "columns", columns);
    const PersonalTable *const *list = people->domains.personal;
    for (; list && *list; list++) {
        for (const PersonalTable *table = *list; table->table; table++) {
            if (!table->export) continue;
            json_t *rows = json_array();
            json_object_set_new(data, table->name, rows);
            json_object_set_new(columns, table->name, columns_json(table));
            if (!table_rows(people, table, stems, rows, error)) return false;
        }
    }
    return true;
}

static bool files_export(People *people, const GArray *stems, json_t *document, GError **error)
{
    const PersonalFile *file = people->domains.files;
    for (; file && file->name; file++) {
        if (!file->export) continue;
        json_t *rows = json_array();
        json_object_set_new(json_object_get(document, "data"), file->name, rows);
        for (guint i = 0; i < stems->len; i++)
            if (!file->export(file->context, g_array_index(stems, int64_t, i), rows, error))
                return false;
    }
    return true;
}

static json_t *page_json(People *people, int64_t person_id, GError **error)
{
    Db *db = store_reader_begin(people->store, error);
    if (!db) return NULL;
    json_t *page = NULL;
    if (people_check(people, db, person_id, error))
        page = people_profile_json(people, db, person_id, error);
    store_reader_end(people->store, db);
    return page;
}

/* What is kept by an address alone: refusals of lists, and of whoever held it before. */
static bool address_export(People *people, Db *db, json_t *identity, json_t *rows, GError **error)
{
    const char *value = json_string_value(json_object_get(identity, "value"));
    IdentityKind kind = identity_kind_parse(json_string_value(json_object_get(identity, "kind")));
    uint8_t hash[CONSENT_HASH_SIZE];
    if (kind != IDENTITY_EMAIL && kind != IDENTITY_PHONE) return true;
    people_address_hash(people, kind, slice_of(value), hash);
    AddressConsentAllParams params = {{hash, CONSENT_HASH_SIZE}};
    AddressConsentAllRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_address_consent_all_open(db, &params, &cursor, error)) return false;
    while (sql_address_consent_all_next(&cursor, &row))
        json_array_append_new(
            rows, json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:I, s:o}", "address", value, "channel",
                            row.channel, "topic", row.topic, "consent_id", json_id(row.consent_id),
                            "state", row.state, "reason", json_text(row.reason), "occurred_at",
                            (json_int_t)row.occurred_at, "expires_at",
                            json_time(row.expires_at.set ? row.expires_at.value : 0)));
    return db_cursor_finish(&cursor, error);
}

static bool addresses_export(People *people, const json_t *page, json_t *document, GError **error)
{
    json_t *rows = json_array(), *identity;
    size_t index;
    json_object_set_new(json_object_get(document, "data"), "address_consents", rows);
    Db *db = store_reader_begin(people->store, error);
    if (!db) return false;
    bool done = true;
    json_array_foreach(json_object_get(page, "identities"), index, identity)
    {
        done = done && address_export(people, db, identity, rows, error);
    }
    store_reader_end(people->store, db);
    return done;
}

json_t *people_export_json(People *people, int64_t person_id, GError **error)
{
    json_t *page = page_json(people, person_id, error);
    if (!page) return NULL;
    json_t *document = json_pack("{s:s, s:I, s:o}", "format", "kith-person-1", "exported_at",
                                 (json_int_t)clock_now_ms(), "person", page);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    bool done = tables_export(people, stems, document, error) &&
                files_export(people, stems, document, error) &&
                addresses_export(people, page, document, error);
    if (done && !people_is_erased(people, person_id)) return document;
    json_decref(document);
    if (done) fail(error, KITH_ERROR_NOT_FOUND, "no such person: %" G_GINT64_FORMAT, person_id);
    return NULL;
}
