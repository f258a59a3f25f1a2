#include "service/inbox_show.h"

#include "base/error.h"
#include "base/ids.h"
#include "base/text.h"
#include "people/json.h"
#include "service/inbox_sql.h"

#include <string.h>

bool inbox_place_parse(const char *cursor, InboxPlace *place, GError **error)
{
    char *end = NULL;
    place->last_at = place->conversation_id = G_MAXINT64;
    if (!cursor) return true;
    place->last_at = g_ascii_strtoll(cursor, &end, 10);
    if (end == cursor || *end != '-') return fail(error, KITH_ERROR_INVALID, "this is no cursor");
    return id_parse(slice_of(end + 1), &place->conversation_id, error);
}

/* ---- parts ---- */

static bool person_json(Inbox *inbox, Db *db, int64_t stem, json_t **ret_json, GError **error)
{
    People *people = inbox->options.people;
    int64_t person_id = stem > 0 ? people_person(people, stem) : 0;
    InboxPersonParams params = {person_id};
    InboxPersonRow row;
    bool found = false;
    *ret_json = json_null();
    if (!person_id || people_is_erased(people, person_id)) return true;
    if (!sql_inbox_person(db, &params, &row, &found, error)) return false;
    if (!found) return true;
    const char *name = row.name ? row.name : row.email;
    *ret_json = json_pack("{s:o, s:s}", "id", json_id(person_id), "name", name ? name : "");
    return true;
}

static bool campaign_set(Db *db, json_t *json, int64_t origin, GError **error)
{
    InboxCampaignParams params = {origin};
    InboxCampaignRow row;
    bool found = false;
    if (origin && !sql_inbox_campaign(db, &params, &row, &found, error)) return false;
    json_object_set_new(json, "campaign_id", json_id(origin));
    json_object_set_new(json, "campaign", found ? json_string(row.name) : json_null());
    return true;
}

/* One line of how a text begins. */
static char *snippet_of(const char *text)
{
    g_autofree char *said = g_strndup(text, inbound_said(text));
    Slice cut = text_cut(slice_of(said), INBOX_SNIPPET_MAX);
    char *line = g_strndup(cut.data, cut.size);
    return g_strdelimit(line, "\n\t", ' ');
}

static bool snippet_set(Db *db, json_t *json, const Conversation *conversation, GError **error)
{
    ConversationMailsParams params = {conversation->person_id, conversation->conversation_id, 1};
    ConversationMailsRow row;
    g_auto(DbCursor) cursor = {0};
    g_autofree char *snippet = NULL;
    if (!sql_conversation_mails_open(db, &params, &cursor, error)) return false;
    if (sql_conversation_mails_next(&cursor, &row)) snippet = snippet_of(row.body);
    json_object_set_new(json, "snippet", json_string(snippet ? snippet : ""));
    return db_cursor_finish(&cursor, error);
}

static bool people_set(Inbox *inbox, Db *db, json_t *json, const Conversation *conversation,
                       GError **error)
{
    json_t *person = NULL, *suggested = NULL;
    Slice address = slice_of(conversation->address);
    int64_t known = conversation->person_id
                        ? 0
                        : people_find(inbox->options.people, IDENTITY_EMAIL, 0, address);
    if (!person_json(inbox, db, conversation->person_id, &person, error)) return false;
    json_object_set_new(json, "person", person);
    if (!person_json(inbox, db, known, &suggested, error)) return false;
    json_object_set_new(json, "suggested", suggested);
    return true;
}

static bool conversation_json(Inbox *inbox, Db *db, const Conversation *conversation,
                              json_t **ret_json, GError **error)
{
    json_t *json = json_pack("{s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "id",
                             json_id(conversation->conversation_id), "kind", conversation->kind,
                             "state", conversation->state, "address", conversation->address, "name",
                             conversation->name, "subject", conversation->subject, "status",
                             json_text(conversation->status), "wish", json_text(conversation->wish),
                             "last_at", (json_int_t)conversation->last_at);
    *ret_json = json;
    return people_set(inbox, db, json, conversation, error) &&
           campaign_set(db, json, conversation->origin, error) &&
           snippet_set(db, json, conversation, error);
}

/* ---- the list ---- */

static bool page_read(Inbox *inbox, Db *db, const InboxPlace *place, GPtrArray *found,
                      GError **error)
{
    ConversationListParams params = {place->state, place->last_at, place->conversation_id,
                                     INBOX_PAGE + 1};
    ConversationListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_conversation_list_open(db, &params, &cursor, error)) return false;
    while (sql_conversation_list_next(&cursor, &row)) {
        if (row.person_id && people_is_erased(inbox->options.people, row.person_id)) continue;
        Conversation *one = g_new0(Conversation, 1);
        *one = (Conversation){.person_id = row.person_id,
                              .conversation_id = row.conversation_id,
                              .origin = row.origin,
                              .last_at = row.last_at,
                              .kind = g_strdup(row.kind),
                              .state = g_strdup(row.state),
                              .address = g_strdup(row.address),
                              .name = g_strdup(row.name),
                              .subject = g_strdup(row.subject),
                              .status = g_strdup(row.status),
                              .wish = g_strdup(row.wish)};
        g_ptr_array_add(found, one);
    }
    return db_cursor_finish(&cursor, error);
}

static json_t *counts_json(Db *db, GError **error)
{
    json_t *counts = json_pack("{s:i, s:i, s:i}", "open", 0, "done", 0, "apart", 0);
    ConversationCountsRow row;
    g_auto(DbCursor) cursor = {0};
    bool done = sql_conversation_counts_open(db, &cursor, error);
    while (done && sql_conversation_counts_next(&cursor, &row))
        json_object_set_new(counts, row.state, json_integer(row.count));
    done = done && db_cursor_finish(&cursor, error);
    if (!done) g_clear_pointer(&counts, json_decref);
    return counts;
}

static bool reads(Inbox *inbox, Db *db, bool *ret_reads, GError **error)
{
    g_autofree InboundSource *source = g_new0(InboundSource, 1);
    if (!inbound_source_load(inbox->options.store, db, source, error)) return false;
    *ret_reads = *source->host != '\0';
    return true;
}

static void conversation_free(gpointer data)
{
    conversation_clear(data);
    g_free(data);
}

static bool rows_add(Inbox *inbox, Db *db, const GPtrArray *found, json_t *rows, GError **error)
{
    for (guint i = 0; i < MIN(found->len, INBOX_PAGE); i++) {
        json_t *row = NULL;
        bool done = conversation_json(inbox, db, found->pdata[i], &row, error);
        json_array_append_new(rows, row);
        if (!done) return false;
    }
    return true;
}

static json_t *next_json(const GPtrArray *found)
{
    if (found->len <= INBOX_PAGE) return json_null();
    const Conversation *last = found->pdata[INBOX_PAGE - 1];
    return json_sprintf("%" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, last->last_at,
                        last->conversation_id);
}

json_t *inbox_list_json(Inbox *inbox, Db *db, const InboxPlace *place, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(conversation_free);
    json_auto_t *rows = json_array();
    bool has_source = false;
    if (!page_read(inbox, db, place, found, error) || !rows_add(inbox, db, found, rows, error) ||
        !reads(inbox, db, &has_source, error))
        return NULL;
    json_t *counts = counts_json(db, error);
    if (!counts) return NULL;
    return json_pack("{s:O, s:o, s:o, s:b}", "conversations", rows, "next", next_json(found),
                     "counts", counts, "reads", (int)has_source);
}

/* ---- one ---- */

static json_t *mail_json(const ConversationMailsRow *row)
{
    size_t said = inbound_said(row->body);
    const char *rest = row->body + said;
    while (g_ascii_isspace(*rest))
        rest++;
    bool in = strcmp(row->direction, "in") == 0;
    g_autofree char *text = g_strndup(row->body, in ? said : strlen(row->body));
    return json_pack("{s:o, s:s, s:s, s:o, s:s, s:s, s:s, s:s, s:b, s:I}", "id",
                     json_id(row->mail_id), "direction", row->direction, "state", row->state,
                     "reason", json_text(row->reason), "address", row->address, "subject",
                     row->subject, "text", text, "quoted", in ? rest : "", "cut",
                     (int)(row->cut != 0), "at", (json_int_t)row->at);
}

static bool mails_set(Db *db, json_t *json, const Conversation *conversation, GError **error)
{
    json_t *mails = json_array();
    ConversationMailsParams params = {conversation->person_id, conversation->conversation_id,
                                      INBOX_MAILS_SHOWN};
    ConversationMailsRow row;
    g_auto(DbCursor) cursor = {0};
    json_object_set_new(json, "mails", mails);
    if (!sql_conversation_mails_open(db, &params, &cursor, error)) return false;
    while (sql_conversation_mails_next(&cursor, &row))
        json_array_insert_new(mails, 0, mail_json(&row));
    return db_cursor_finish(&cursor, error);
}

json_t *inbox_conversation_json(Inbox *inbox, Db *db, int64_t conversation_id, GError **error)
{
    g_auto(Conversation) conversation = {0};
    json_t *json = NULL;
    if (!conversation_load(inbox, db, conversation_id, &conversation, error)) return NULL;
    bool done = conversation_json(inbox, db, &conversation, &json, error) &&
                mails_set(db, json, &conversation, error);
    if (!done) g_clear_pointer(&json, json_decref);
    return json;
}
