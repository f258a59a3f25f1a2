/* messages/render.h: one mail for one person: subject, HTML in the business's design, plain text.
 *
 * In scope of the Liquid: `person` (their facts, `first_name`, `last_name`, `name`, `email`),
 * `business` (`name`, `postal_address`), `unsubscribe_url`, `preferences_url`. Bounded by liquid/.
 *
 *     g_auto(Rendered) mail = {0};
 *     RenderAsk ask = {.subject = …, .body = …, .person_id = id, .key = key, .tracked = true};
 *     if (!render_mail(messages, &ask, &mail, error)) …say it to the owner…
 */
#pragma once
#include "messages/messages_private.h"

enum {
    RENDER_LINKS_MAX = 500, /* of one mailing; further ones lead there without being counted */
    RENDER_SUBJECT_MAX = 250,
};

typedef struct RenderAsk {
    const char *subject, *body; /* as the owner wrote them */
    const char *preheader;      /* shown beside the subject in lists of mails; NULL: none */
    int64_t person_id;          /* whose facts; 0: nobody's */
    MessageKey key;             /* of the message; zeroed: a test or preview */
    bool tracked;               /* links and opening are counted */
} RenderAsk;

typedef struct Rendered {
    char *subject, *html, *text, *unsubscribe, *to_name; /* owned */
} Rendered;

void rendered_clear(Rendered *rendered);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Rendered, rendered_clear)

/* Takes a reader; a new link is written. Not on the writer's thread. Errors: KITH_ERROR_INVALID and
 * KITH_ERROR_LIMIT with the line of the owner's text. */
bool render_mail(Messages *messages, const RenderAsk *ask, Rendered *ret_rendered, GError **error);

/* Whether a line, or the text, can be read at all, before it is kept. */
bool render_check(const char *text, GError **error);
bool render_check_body(const char *body, GError **error);
