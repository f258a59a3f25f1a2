#include "messages/public.h"

#include <string.h>

#include "messages/words.h"
#include "net/request.h"
#include "timeline/business.h"

/* ---- pages ---- */

typedef struct Page {
    Messages *messages;
    char language[3];
    char business[BUSINESS_NAME_BYTES_MAX + 1];
    GString *body; /* HTML */
    Word title;
} Page;

static void page_clear(Page *page)
{
    if (page->body) g_string_free(page->body, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Page, page_clear)

static bool page_read(Page *page, Db *db, int64_t person_id, GError **error)
{
    Business business;
    People *people = page->messages->options.people;
    if (!business_load(db, &business, error)) return false;
    g_strlcpy(page->business, *business.name ? business.name : "Kith", sizeof page->business);
    return words_language(page->messages, db, person_id > 0 ? people_person(people, person_id) : 0,
                          page->language, error);
}

static bool page_begin(Page *page, Messages *messages, int64_t person_id, GError **error)
{
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    page->messages = messages;
    page->body = g_string_new(NULL);
    bool done = page_read(page, db, person_id, error);
    store_reader_end(messages_store(messages), db);
    return done;
}

/* A sentence; %s in it is the business. */
static void page_say(Page *page, Word word)
{
    g_auto(GStrv) parts = g_strsplit(word_text(word, page->language), "%s", 2);
    g_autofree char *text = g_strjoinv(page->business, parts);
    g_autofree char *safe = g_markup_escape_text(text, -1);
    g_string_append_printf(page->body, "<p>%s</p>", safe);
}

static void page_button(Page *page, const char *path, const char *value, Word label)
{
    g_string_append_printf(page->body,
                           "<form method=\"post\" action=\"%s\"><input type=\"hidden\" "
                           "name=\"choice\" value=\"%s\"><button>%s</button></form>",
                           path, value, word_text(label, page->language));
}

static bool page_reply(Page *page, Request *request, int status)
{
    g_auto(GStrv) parts = g_strsplit(word_text(page->title, page->language), "%s", 2);
    g_autofree char *title = g_strjoinv(page->business, parts);
    g_autofree char *safe = g_markup_escape_text(title, -1);
    g_autofree char *html = g_strdup_printf(
        "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
        "content=\"width=device-width,initial-scale=1\"><meta name=\"robots\" content=\"noindex\">"
        "<title>%s</title><link rel=\"stylesheet\" href=\"/p/style.css\"></head><body><main>"
        "<h1>%s</h1>%s</main></body></html>\n",
        page->language, safe, safe, page->body->str);
    request_set_header(request, "Cache-Control", "no-store");
    request_set_header(request, "Referrer-Policy", "no-referrer");
    request_set_header(request, "Content-Security-Policy",
                       "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
                       "frame-ancestors 'none'");
    return request_reply_bytes(request, status, "text/html; charset=utf-8", html, strlen(html));
}

static bool style_get(Request *request, GError **error)
{
    static const char style[] =
        "body{margin:0;background:#f4f1ea;color:#23211d;font:18px/1.5 system-ui,sans-serif}"
        "main{max-width:34rem;margin:12vh auto;padding:2rem;background:#fff;border-radius:8px}"
        "h1{font:600 28px/1.25 Georgia,serif;margin:0 0 1rem}"
        "button{font:inherit;padding:.7rem 1.2rem;border:0;border-radius:6px;background:#1f5f4f;"
        "color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #b8860b}"
        "@media(prefers-color-scheme:dark){body{background:#1b1a18;color:#ece8df}"
        "main{background:#262421}}";
    (void)error;
    return request_reply_static(request, "text/css", style, sizeof style - 1);
}

static bool page_unknown(Request *request, GError **error)
{
    g_auto(Page) page = {.title = WORD_UNKNOWN_TITLE};
    if (!page_begin(&page, request_context(request), 0, error)) return false;
    page_say(&page, WORD_UNKNOWN);
    return page_reply(&page, request, 404);
}

/* ---- the one click ---- */

static bool token_of(Request *request, Token *ret_token)
{
    const Messages *messages = request_context(request);
    return token_read(messages->token_key, request_path_text(request, "token"), ret_token) &&
           (ret_token->kind == TOKEN_UNSUBSCRIBE || ret_token->kind == TOKEN_TEST);
}

static bool unsubscribe_get(Request *request, GError **error)
{
    Token token;
    g_auto(Page) page = {.title = WORD_ASK_TITLE};
    if (!token_of(request, &token)) return page_unknown(request, error);
    if (!page_begin(&page, request_context(request), token.person_id, error)) return false;
    g_autofree char *path = g_strconcat("/p/u/", request_path_text(request, "token"), NULL);
    page_say(&page, WORD_ASK);
    page_button(&page, path, "no", WORD_ASK_BUTTON);
    return page_reply(&page, request, 200);
}

/* RFC 8058: no cookie, no question, no redirect; the same answer every time. What the body says
 * does not matter: the address is the whole question. */
static bool unsubscribe_post(Request *request, GError **error)
{
    g_auto(Page) page = {.title = WORD_DONE_TITLE};
    Choice choice = {.messages = request_context(request),
                     .agent = request_header(request, "User-Agent"),
                     .text = "one click"};
    if (!token_of(request, &choice.token)) return page_unknown(request, error);
    if (!choice_make(&choice, error)) return false;
    if (!page_begin(&page, choice.messages, choice.token.person_id, error)) return false;
    page_say(&page, choice.token.kind == TOKEN_TEST ? WORD_TEST_DONE : WORD_DONE);
    if (choice.under_way) page_say(&page, WORD_UNDER_WAY);
    if (choice.under_way) request_set_header(request, "Kith-Under-Way", "1");
    return page_reply(&page, request, 200);
}

/* ---- preferences ---- */

static bool preferences_page(Request *request, const Token *token, bool saved, GError **error)
{
    bool yes;
    g_auto(Page) page = {.title = WORD_PREFERENCES_TITLE};
    Messages *messages = request_context(request);
    if (!choice_state(messages, token, &yes, error) ||
        !page_begin(&page, messages, token->person_id, error))
        return false;
    g_autofree char *path =
        g_strconcat("/p/preferences/", request_path_text(request, "token"), NULL);
    if (saved) page_say(&page, WORD_SAVED);
    page_say(&page, yes ? WORD_STATE_YES : WORD_STATE_NO);
    if (!yes) page_say(&page, WORD_YES_TEXT);
    page_button(&page, path, yes ? "no" : "yes", yes ? WORD_UNSUBSCRIBE : WORD_YES_BUTTON);
    return page_reply(&page, request, 200);
}

static bool preferences_get(Request *request, GError **error)
{
    Token token;
    if (!token_of(request, &token)) return page_unknown(request, error);
    return preferences_page(request, &token, false, error);
}

static bool preferences_post(Request *request, GError **error)
{
    size_t size;
    const char *body = request_body(request, &size);
    g_auto(Page) page = {0};
    Choice choice = {.messages = request_context(request),
                     .yes = body && size == strlen("choice=yes") &&
                            memcmp(body, "choice=yes", size) == 0,
                     .agent = request_header(request, "User-Agent")};
    if (!token_of(request, &choice.token)) return page_unknown(request, error);
    if (!page_begin(&page, choice.messages, choice.token.person_id, error)) return false;
    g_auto(GStrv) parts = g_strsplit(word_text(WORD_YES_TEXT, page.language), "%s", 2);
    g_autofree char *text = g_strjoinv(page.business, parts);
    choice.text = choice.yes ? text : "preference page";
    return choice_make(&choice, error) && preferences_page(request, &choice.token, true, error);
}

enum { PUBLIC_BODY_MAX = 4096 };

/* Public: customers have no account; the token says who they are. */
static const Route routes[] = {
    {"GET", "/p/style.css", SCOPE_PUBLIC, .handle = style_get, .flags = ROUTE_UNLISTED,
     .summary = "Style of the public pages"},
    {"GET", "/p/u/{token}", SCOPE_PUBLIC, .handle = unsubscribe_get, .flags = ROUTE_UNLISTED,
     .summary = "The page with the button; changes nothing"},
    {"POST", "/p/u/{token}", SCOPE_PUBLIC, .handle = unsubscribe_post, .body = BODY_TEXT,
     .body_max = PUBLIC_BODY_MAX, .flags = ROUTE_UNLISTED | ROUTE_FORM,
     .summary = "One-click unsubscription (RFC 8058)"},
    {"GET", "/p/preferences/{token}", SCOPE_PUBLIC, .handle = preferences_get,
     .flags = ROUTE_UNLISTED, .summary = "What a customer wants to hear"},
    {"POST", "/p/preferences/{token}", SCOPE_PUBLIC, .handle = preferences_post, .body = BODY_TEXT,
     .body_max = PUBLIC_BODY_MAX, .flags = ROUTE_UNLISTED | ROUTE_FORM,
     .summary = "A customer's choice"},
    {"GET", "/t/o/{token}", SCOPE_PUBLIC, .handle = hit_open, .flags = ROUTE_UNLISTED | ROUTE_QUIET,
     .summary = "A mail was opened"},
    {"GET", "/t/c/{token}", SCOPE_PUBLIC, .handle = hit_click,
     .flags = ROUTE_UNLISTED | ROUTE_QUIET, .summary = "A link in a mail was clicked"},
};

void public_add_routes(Messages *messages, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), messages);
}
