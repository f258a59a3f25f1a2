#include "messages/render_links.h"

#include <string.h>

#include "messages/markdown.h"
#include "messages/messages_sql.h"
#include "messages/render.h"

char *render_address(const Messages *messages, const char *path, TokenKind kind,
                     const MessageKey *key, uint16_t link_no)
{
    char text[TOKEN_TEXT_SIZE];
    Token token = {.kind = key->origin ? kind : TOKEN_TEST,
                   .person_id = key->person_id,
                   .origin = key->origin,
                   .occurrence = key->occurrence,
                   .link_no = link_no};
    token_write(messages->token_key, &token, text);
    return g_strconcat(messages->base_url ? messages->base_url : "", path, text, NULL);
}

/* ---- links of a mailing ---- */

static bool links_read(Db *db, int64_t origin, GPtrArray *urls, GError **error)
{
    LinkListParams params = {origin};
    LinkListRow row;
    g_auto(DbCursor) cursor = {0};
    if (!sql_link_list_open(db, &params, &cursor, error)) return false;
    while (sql_link_list_next(&cursor, &row))
        g_ptr_array_add(urls, g_strdup(row.url));
    return db_cursor_finish(&cursor, error);
}

static bool links_load(Messages *messages, int64_t origin, GPtrArray *urls, GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = links_read(db, origin, urls, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

static bool link_run(Db *db, void *data, GError **error)
{
    return sql_link_add(db, data, NULL, error);
}

/* The number of an address, from 1; 0 when there are too many. The sender alone adds links. */
static bool link_number(Messages *messages, int64_t origin, const char *url, GPtrArray *urls,
                        uint16_t *ret_number, GError **error)
{
    for (guint i = 0; i < urls->len; i++)
        if (strcmp(urls->pdata[i], url) == 0) {
            *ret_number = (uint16_t)(i + 1);
            return true;
        }
    *ret_number = 0;
    if (urls->len >= RENDER_LINKS_MAX) return true;
    LinkAddParams params = {origin, urls->len + 1, url};
    if (!writer_call(messages_writer(messages), WRITER_TIMER, link_run, &params, error))
        return false;
    g_ptr_array_add(urls, g_strdup(url));
    *ret_number = (uint16_t)urls->len;
    return true;
}

static bool is_ours(const Messages *messages, const char *url)
{
    g_autofree char *pages = g_strconcat(messages->base_url ? messages->base_url : "", "/p/", NULL);
    return g_str_has_prefix(url, pages);
}

/* Appends what stands for the address `raw` (escaped as in HTML). */
static bool href_write(Messages *messages, const MessageKey *key, char *raw, GPtrArray *urls,
                       GString *out, GError **error)
{
    uint16_t number = 0;
    g_autofree char *url = g_strdup(raw);
    markdown_unescape(url);
    bool counts = (g_str_has_prefix(url, "http://") || g_str_has_prefix(url, "https://")) &&
                  !is_ours(messages, url);
    if (counts && !link_number(messages, key->origin, url, urls, &number, error)) return false;
    if (!number) {
        g_string_append(out, raw);
        return true;
    }
    g_autofree char *through = render_address(messages, "/t/c/", TOKEN_CLICK, key, number);
    g_string_append(out, through);
    return true;
}

char *render_links(Messages *messages, const MessageKey *key, const char *html, GError **error)
{
    static const char mark[] = "href=\"";
    g_autoptr(GString) out = g_string_new(NULL);
    g_autoptr(GPtrArray) urls = g_ptr_array_new_with_free_func(g_free);
    if (!links_load(messages, key->origin, urls, error)) return NULL;
    const char *at = html;
    for (const char *found; (found = strstr(at, mark));) {
        const char *start = found + sizeof mark - 1;
        g_autofree char *raw = g_strndup(start, strcspn(start, "\""));
        g_string_append_len(out, at, start - at);
        if (!href_write(messages, key, raw, urls, out, error)) return NULL;
        at = start + strlen(raw);
    }
    g_string_append(out, at);
    return g_string_free(g_steal_pointer(&out), FALSE);
}
