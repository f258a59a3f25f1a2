#include "people/person.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "people/list_sql.h"
#include "people/people_sql.h"
#include "people/people_state.h"
#include "people/person_sql.h"
#include "people/resolve.h"
#include "people/summary.h"
#include "people/trait.h"
#include "store/changes.h"

bool people_check(People *people, Db *db, int64_t person_id, GError **error)
{
    PersonFindParams params = {person_id};
    PersonFindRow row;
    bool found = false;
    if (person_id > 0 && !sql_person_find(db, &params, &row, &found, error)) return false;
    bool gone = !found || row.erased_at.set || people_is_erased(people, person_id) ||
                people_person(people, person_id) != person_id;
    if (!gone) return true;
    return fail(error, KITH_ERROR_NOT_FOUND, "no such person: %" G_GINT64_FORMAT, person_id);
}

/* ---- making somebody ---- */

static const struct {
    IdentityKind kind;
    size_t offset; /* in HandPerson */
} names[] = {
    {IDENTITY_USER_ID, offsetof(HandPerson, user_id)},
    {IDENTITY_EMAIL, offsetof(HandPerson, email)},
    {IDENTITY_PHONE, offsetof(HandPerson, phone)},
};

static const char *name_given(const HandPerson *input, size_t index)
{
    const char *text = *(const char *const *)((const char *)input + names[index].offset);
    return text && *text ? text : NULL;
}

/* `own`: who may have it already, 0 = nobody. */
static bool name_check(People *people, IdentityKind kind, const char *text, int64_t own,
                       GError **error)
{
    IdentityValue value;
    IdentityVerdict verdict = identity_normalize(kind, slice_of(text), &value);
    if (verdict != IDENTITY_USABLE)
        return fail(error, KITH_ERROR_INVALID, "%s: this value is %s", identity_kind_name(kind),
                    identity_verdict_name(verdict));
    int64_t holder = people_find(people, kind, SHOP_ID_DEFAULT, slice_of(text));
    if (!holder || holder == own) return true;
    return fail(error, KITH_ERROR_CONFLICT, "%s: person %" G_GINT64_FORMAT " has it already",
                identity_kind_name(kind), holder);
}

static bool names_check(People *people, const HandPerson *input, GError **error)
{
    bool any = input->name && *input->name;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *text = name_given(input, i);
        if (text && !name_check(people, names[i].kind, text, 0, error)) return false;
        any = any || text;
    }
    if (any) return true;
    return fail(error, KITH_ERROR_INVALID, "a person needs a name, an address, a number or an id");
}

static bool nameless_make(People *people, Db *db, const HandPerson *input, int64_t *ret_person_id,
                          GError **error)
{
    PersonInsertParams params = {store_id_next(people->store), SOURCE_ID_HAND, TRUST_HAND,
                                 input->at};
    if (!sql_person_insert(db, &params, NULL, error)) return false;
    *ret_person_id = params.person_id;
    return people_summary_refresh(people, db, params.person_id, error);
}

static bool person_make(People *people, Db *db, const HandPerson *input, int64_t *ret_person_id,
                        GError **error)
{
    ResolveInput resolve = {
        .source_id = SOURCE_ID_HAND,
        .shop_id = SHOP_ID_DEFAULT,
        .trust = input->trust,
        .user_id = slice_of(input->user_id),
        .email = slice_of(input->email),
        .phone = slice_of(input->phone),
        .at = input->at,
    };
    ResolveResult who;
    if (!people_resolve(people, db, &resolve, &who, error)) return false;
    *ret_person_id = who.person_id;
    return who.person_id > 0 || nameless_make(people, db, input, ret_person_id, error);
}

/* The traits given, with name, address and number among them. */
static json_t *traits_given(const HandPerson *input)
{
    json_t *traits = json_is_object(input->traits) ? json_copy(input->traits) : json_object();
    const char *const texts[][2] = {
        {"name", input->name}, {"email", input->email}, {"phone", input->phone}};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        if (texts[i][1] && *texts[i][1])
            json_object_set_new(traits, texts[i][0], json_string(texts[i][1]));
    return traits;
}

static bool traits_store(People *people, Db *db, const HandPerson *input, int64_t person_id,
                         GError **error)
{
    json_t *given = traits_given(input), *value;
    const char *name;
    g_autoptr(GArray) traits = g_array_new(FALSE, FALSE, sizeof(TraitValue));
    g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(free);
    json_object_foreach(given, name, value)
    {
        char *json = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
        g_ptr_array_add(texts, json);
        TraitValue trait = {slice_of(name), slice_of(json)};
        g_array_append_val(traits, trait);
    }
    TraitReport report = {person_id,  SOURCE_ID_HAND, input->trust,
                          input->at,  input->at,      (const TraitValue *)(void *)traits->data,
                          traits->len};
    bool done = people_traits_put(people, db, &report, NULL, error);
    json_decref(given);
    return done;
}

bool people_create(People *people, Db *db, const HandPerson *input, int64_t *ret_person_id,
                   GError **error)
{
    int64_t person_id, note_id;
    if (!names_check(people, input, error)) return false;
    if (!person_make(people, db, input, &person_id, error)) return false;
    if (!traits_store(people, db, input, person_id, error)) return false;
    HandText note = {person_id, input->note, input->actor, input->at};
    if (input->note && *input->note && !people_note_add(people, db, &note, &note_id, error))
        return false;
    *ret_person_id = person_id;
    return true;
}

bool people_address_add(People *people, Db *db, int64_t person_id, IdentityKind kind,
                        const char *text, GError **error)
{
    g_assert(kind == IDENTITY_EMAIL || kind == IDENTITY_PHONE);
    if (!name_check(people, kind, text, person_id, error)) return false;
    Slice none = {0}, value = slice_of(text);
    ResolveInput input = {
        .source_id = SOURCE_ID_HAND,
        .shop_id = SHOP_ID_DEFAULT,
        .stem = person_id,
        .trust = TRUST_HAND,
        .email = kind == IDENTITY_EMAIL ? value : none,
        .phone = kind == IDENTITY_PHONE ? value : none,
        .at = clock_now_ms(),
    };
    ResolveResult who;
    if (!people_resolve(people, db, &input, &who, error)) return false;
    if (!(who.refused & RESOLVE_TOO_MANY)) return true;
    return fail(error, KITH_ERROR_LIMIT, "a person has at most %d addresses of a kind",
                IDENTITY_PER_PERSON_MAX);
}

/* ---- notes and tags ---- */

bool people_note_add(People *people, Db *db, const HandText *note, int64_t *ret_note_id,
                     GError **error)
{
    if (!note->text || !*note->text) return fail(error, KITH_ERROR_INVALID, "a note needs a text");
    if (strlen(note->text) > NOTE_BODY_MAX)
        return fail(error, KITH_ERROR_LIMIT, "a note has at most %d bytes", NOTE_BODY_MAX);
    if (!people_check(people, db, note->person_id, error)) return false;
    NoteInsertParams params = {note->person_id, store_id_next(people->store), note->text,
                               note->actor, note->at};
    if (!sql_note_insert(db, &params, NULL, error)) return false;
    *ret_note_id = params.note_id;
    return true;
}

bool people_note_delete(People *people, Db *db, int64_t person_id, int64_t note_id, GError **error)
{
    if (!people_check(people, db, person_id, error)) return false;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        NoteDeleteParams params = {g_array_index(stems, int64_t, i), note_id};
        int64_t changed = 0;
        if (params.person_id > 0 && !sql_note_delete(db, &params, &changed, error)) return false;
        if (changed) return true;
    }
    return fail(error, KITH_ERROR_NOT_FOUND, "no such note: %" G_GINT64_FORMAT, note_id);
}

/* Whether one of the person's stems has a note with this text. */
static bool note_known(People *people, Db *db, int64_t person_id, const char *body, bool *ret_known,
                       GError **error)
{
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    *ret_known = false;
    for (guint i = 0; i < stems->len && !*ret_known; i++) {
        NoteListParams params = {g_array_index(stems, int64_t, i)};
        NoteListRow row;
        g_auto(DbCursor) cursor = {0};
        if (params.person_id <= 0) continue;
        if (!sql_note_list_open(db, &params, &cursor, error)) return false;
        while (sql_note_list_next(&cursor, &row))
            *ret_known = *ret_known || strcmp(row.body, body) == 0;
        if (!db_cursor_finish(&cursor, error)) return false;
    }
    return true;
}

bool people_note_add_once(People *people, Db *db, const HandText *note, bool *ret_added,
                          GError **error)
{
    Slice cut = text_cut(slice_of(note->text), NOTE_BODY_MAX);
    g_autofree char *body = g_strndup(cut.data, cut.size);
    HandText once = *note;
    once.text = body;
    bool known;
    int64_t note_id;
    if (!note_known(people, db, note->person_id, body, &known, error)) return false;
    if (!known && !people_note_add(people, db, &once, &note_id, error)) return false;
    *ret_added = !known;
    return true;
}

static bool tags_check(const HandTags *input, GError **error)
{
    if (input->count > TAGS_MAX)
        return fail(error, KITH_ERROR_LIMIT, "a person has at most %d tags", TAGS_MAX);
    for (size_t i = 0; i < input->count; i++) {
        if (!*input->tags[i]) return fail(error, KITH_ERROR_INVALID, "a tag must not be empty");
        if (strlen(input->tags[i]) > TAG_MAX)
            return fail(error, KITH_ERROR_LIMIT, "a tag has at most %d bytes", TAG_MAX);
    }
    return true;
}

static bool tag_is_wanted(const HandTags *input, const char *tag)
{
    for (size_t i = 0; i < input->count; i++)
        if (g_str_equal(input->tags[i], tag)) return true;
    return false;
}

/* Takes away what is no longer wanted, from one stem. */
static bool tags_drop(Db *db, const HandTags *input, int64_t stem, GError **error)
{
    TagListParams params = {stem};
    TagListRow row;
    g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func(g_free);
    g_auto(DbCursor) cursor = {0};
    if (!sql_tag_list_open(db, &params, &cursor, error)) return false;
    while (sql_tag_list_next(&cursor, &row))
        if (!tag_is_wanted(input, row.tag)) g_ptr_array_add(gone, g_strdup(row.tag));
    if (!db_cursor_finish(&cursor, error)) return false;
    for (guint i = 0; i < gone->len; i++)
        if (!sql_tag_delete(db, &(TagDeleteParams){stem, gone->pdata[i]}, NULL, error))
            return false;
    return true;
}

bool people_tags_set(People *people, Db *db, const HandTags *input, GError **error)
{
    if (!tags_check(input, error)) return false;
    if (!people_check(people, db, input->person_id, error)) return false;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, input->person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        int64_t stem = g_array_index(stems, int64_t, i);
        if (stem > 0 && !tags_drop(db, input, stem, error)) return false;
    }
    for (size_t i = 0; i < input->count; i++) {
        TagInsertParams params = {input->person_id, input->tags[i], input->actor, input->at};
        if (!sql_tag_insert(db, &params, NULL, error)) return false;
    }
    return store_changed(db, &(StoreChange){CHANGE_TAG, input->person_id, input->at}, error);
}

/* The tags of all stems of a person (of char *); NULL on failure. */
static GPtrArray *tags_load(People *people, Db *db, int64_t person_id, GError **error)
{
    g_autoptr(GPtrArray) tags = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    people_stems(people, person_id, stems);
    for (guint i = 0; i < stems->len; i++) {
        TagListParams params = {g_array_index(stems, int64_t, i)};
        TagListRow row;
        g_auto(DbCursor) cursor = {0};
        if (params.person_id <= 0) continue;
        if (!sql_tag_list_open(db, &params, &cursor, error)) return NULL;
        while (sql_tag_list_next(&cursor, &row))
            g_ptr_array_add(tags, g_strdup(row.tag));
        if (!db_cursor_finish(&cursor, error)) return NULL;
    }
    return g_steal_pointer(&tags);
}

bool people_tags_add(People *people, Db *db, const HandTags *input, unsigned *ret_added,
                     GError **error)
{
    if (!people_check(people, db, input->person_id, error)) return false;
    g_autoptr(GPtrArray) have = tags_load(people, db, input->person_id, error);
    if (!have) return false;
    guint before = have->len;
    for (size_t i = 0; i < input->count && have->len < TAGS_MAX; i++) {
        Slice cut = text_trim(text_cut(slice_of(input->tags[i]), TAG_MAX));
        g_autofree char *tag = g_strndup(cut.data, cut.size);
        if (!*tag || g_ptr_array_find_with_equal_func(have, tag, g_str_equal, NULL)) continue;
        TagInsertParams params = {input->person_id, tag, input->actor, input->at};
        if (!sql_tag_insert(db, &params, NULL, error)) return false;
        g_ptr_array_add(have, g_steal_pointer(&tag));
    }
    *ret_added = have->len - before;
    return store_changed(db, &(StoreChange){CHANGE_TAG, input->person_id, input->at}, error);
}
