/* messages/hits.c: opens and clicks: every one is kept as it came; the timeline has the first of
 * an hour, since mail programs and scanners fetch again and again. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "messages/messages_sql.h"
#include "messages/outbox.h"
#include "messages/public.h"
#include "net/request.h"

enum { HIT_AGENT_MAX = 200 };

typedef struct HitWork {
    Messages *messages;
    Token token;
    const char *kind, *event, *url; /* url: of a click */
    char *agent;                    /* owned */
    int64_t hit_id, at;
} HitWork;

static void hit_free(gpointer data)
{
    HitWork *work = data;
    g_free(work->agent);
    g_free((char *)work->url);
    g_free(work);
}

static bool hit_event(HitWork *work, Db *db, GError **error)
{
    MessageKey key = {work->token.person_id, work->token.origin, work->token.occurrence};
    json_t *more = work->url ? json_pack("{s:s}", "url", work->url) : NULL;
    bool done = messages_event(work->messages, db, work->event, &key, more, error);
    json_decref(more);
    return done;
}

static bool hit_run(Db *db, void *data, GError **error)
{
    HitWork *work = data;
    const Token *token = &work->token;
    MessageFindParams find = {token->person_id, token->origin, token->occurrence};
    MessageFindRow message;
    HitLastParams last = {token->person_id, token->origin,  token->occurrence,
                          work->kind,       token->link_no, work->at - CLOCK_HOUR_MS};
    HitLastRow row;
    bool found, before;
    if (!sql_message_find(db, &find, &message, &found, error)) return false;
    if (!found || people_is_erased(work->messages->options.people, token->person_id)) return true;
    if (!sql_hit_last(db, &last, &row, &before, error)) return false;
    HitAddParams params = {token->person_id, work->hit_id,   token->origin, token->occurrence,
                           work->kind,       token->link_no, work->agent,   work->at};
    return sql_hit_add(db, &params, NULL, error) && (before || hit_event(work, db, error));
}

static void hit_done(void *data, const GError *error)
{
    (void)error; /* a count that could not be kept: the customer is not told */
    hit_free(data);
}

/* The answer does not wait for the count. */
static void hit_note(Request *request, const Token *token, const char *kind, const char *event,
                     char *url)
{
    Messages *messages = request_context(request);
    const char *agent = request_header(request, "User-Agent");
    HitWork *work = g_new0(HitWork, 1);
    *work = (HitWork){.messages = messages,
                      .token = *token,
                      .kind = kind,
                      .event = event,
                      .url = url,
                      .hit_id = store_id_next(messages_store(messages)),
                      .at = clock_now_ms()};
    if (agent && text_utf8_check(agent, strlen(agent))) {
        Slice cut = text_cut(slice_of(agent), HIT_AGENT_MAX);
        work->agent = g_strndup(cut.data, cut.size);
    }
    writer_submit(messages_writer(messages), WRITER_TIMER, hit_run, hit_done, work);
}

static bool token_of(Request *request, Token *ret_token)
{
    const Messages *messages = request_context(request);
    return token_read(messages->token_key, request_path_text(request, "token"), ret_token);
}

static bool is_head(const Request *request) { return strcmp(request_method(request), "HEAD") == 0; }

bool hit_open(Request *request, GError **error)
{
    /* One transparent pixel. */
    static const unsigned char pixel[] = {
        'G', 'I', 'F', '8', '9', 'a',  1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0,    0, 0x21, 0xf9, 4,
        1,   0,   0,   0,   0,   0x2c, 0, 0, 0, 0, 1,    0, 1, 0, 0, 2, 2, 0x44, 1, 0,    0x3b};
    Token token;
    (void)error;
    if (token_of(request, &token) && token.kind == TOKEN_OPEN && !is_head(request))
        hit_note(request, &token, "open", "Email Opened", NULL);
    request_set_header(request, "Cache-Control", "no-store");
    return request_reply_static(request, "image/gif", pixel, sizeof pixel);
}

static char *link_url(Messages *messages, const Token *token, GError **error)
{
    LinkFindParams params = {token->origin, token->link_no};
    LinkFindRow row;
    bool found = false;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return NULL;
    char *url = NULL;
    if (sql_link_find(db, &params, &row, &found, error) && found) url = g_strdup(row.url);
    store_reader_end(messages_store(messages), db);
    if (!url && !found && (!error || !*error))
        fail(error, KITH_ERROR_NOT_FOUND, "this link leads nowhere");
    return url;
}

bool hit_click(Request *request, GError **error)
{
    Token token;
    if (!token_of(request, &token) || token.kind != TOKEN_CLICK)
        return fail(error, KITH_ERROR_NOT_FOUND, "this link leads nowhere");
    g_autofree char *url = link_url(request_context(request), &token, error);
    if (!url) return false;
    if (!is_head(request)) hit_note(request, &token, "click", "Email Link Clicked", g_strdup(url));
    request_set_header(request, "Cache-Control", "no-store");
    request_set_header(request, "Referrer-Policy", "no-referrer");
    return request_reply_redirect(request, 302, url);
}
