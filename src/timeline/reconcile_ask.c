#include "timeline/reconcile_private.h"

#include <string.h>

#include "base/dates.h"

enum { RETRY_SECONDS_MAX = 24 * 3600, REASON_BYTES = 200 };

void shop_word_set(ShopWord *word, ShopAnswer answer, int64_t wait_ms, const char *reason)
{
    g_free(word->reason);
    *word = (ShopWord){.answer = answer, .wait_ms = wait_ms, .reason = g_strdup(reason)};
}

void shop_word_clear(ShopWord *word)
{
    g_free(word->reason);
    *word = (ShopWord){0};
}

void shop_time(int64_t at, char ret_text[32])
{
    char iso[DATE_TEXT_SIZE];
    date_format_iso(at, iso);
    g_strlcpy(ret_text, iso, sizeof "2026-11-22T03:00:00");
}

static bool stopping(void *job) { return job_stopping(job); }

/* "2.0" seconds, as Shopify writes it; a date is not waited for longer than our own pause. */
static int64_t retry_after(const HttpAnswer *answer)
{
    const char *text = http_answer_header(answer, "Retry-After");
    double seconds = text ? g_ascii_strtod(text, NULL) : 0;
    return seconds > 0 ? (int64_t)(MIN(seconds, RETRY_SECONDS_MAX) * 1000) : 0;
}

/* What a status that brings no rows means. */
static void status_judge(const HttpAnswer *answer, ShopWord *word)
{
    static const struct {
        long status;
        ShopAnswer answer;
        const char *reason;
    } known[] = {
        {401, SHOP_NEVER, "the shop does not accept the token"},
        {402, SHOP_NEVER, "the shop is frozen until it pays its bill"},
        {403, SHOP_CLOSED, "the token may not read this: give it the right to"},
        {404, SHOP_NEVER, "no such API at this address: is it the shop's?"},
        {408, SHOP_LATER, "the shop took too long"},
        {423, SHOP_NEVER, "the shop is locked"},
        {425, SHOP_LATER, "the shop asks to wait"},
        {429, SHOP_LATER, "the shop asks to wait"},
    };
    char reason[REASON_BYTES];
    for (size_t i = 0; i < G_N_ELEMENTS(known); i++)
        if (known[i].status == answer->status) {
            shop_word_set(word, known[i].answer, retry_after(answer), known[i].reason);
            return;
        }
    bool later = answer->status >= 500;
    bool moved = answer->status >= 300 && answer->status < 400;
    g_snprintf(reason, sizeof reason,
               moved ? "the address leads elsewhere (%ld): enter the one it leads to"
                     : "the shop answered %ld",
               answer->status);
    shop_word_set(word, later ? SHOP_LATER : SHOP_NEVER, retry_after(answer), reason);
}

static void failure_judge(const GError *problem, ShopWord *word)
{
    KithError code = error_code(problem);
    bool later = code == KITH_ERROR_TIMEOUT || code == KITH_ERROR_UNAVAILABLE;
    shop_word_set(word, later ? SHOP_LATER : SHOP_NEVER, 0, problem->message);
}

json_t *shop_ask(const ShopApi *api, const ShopAsk *ask, HttpAnswer *ret_answer, ShopWord *ret_word)
{
    g_autoptr(GError) problem = NULL;
    g_autofree char *url = g_strconcat(api->url, ask->path, NULL);
    HttpAsk call = {.url = url,
                    .headers = ask->headers,
                    .user = ask->user,
                    .password = ask->password,
                    .body = ask->body,
                    .bytes_max = RECONCILE_PAGE_BYTES_MAX,
                    .stopping = stopping,
                    .data = ask->job};
    if (!http_ask(&call, ret_answer, &problem)) {
        failure_judge(problem, ret_word);
        return NULL;
    }
    if (ret_answer->status != 200) {
        status_judge(ret_answer, ret_word);
        ret_word->status = ret_answer->status;
        return NULL;
    }
    json_t *json = json_loadb(ret_answer->body->str, ret_answer->body->len, 0, NULL);
    shop_word_set(ret_word, json ? SHOP_GAVE : SHOP_LATER, 0,
                  json ? NULL
                       : "the shop's answer is no JSON: a page for people stands in its way");
    return json;
}
