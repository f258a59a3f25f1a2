/* messages/public.h: what a customer reaches from a mail: no, preferences, opens and clicks.
 *
 * Public, on their own origin, without a cookie; who asks is known by the token alone. A no is in
 * force before it is answered (promise 3); GET and HEAD change nothing but the count of opens and
 * clicks, since link scanners follow them.
 */
#pragma once
#include "messages/messages.h"
#include "messages/messages_private.h"

void public_add_routes(Messages *messages, Server *server);

/* ---- choice.c: what a customer chose ---- */

typedef struct Choice {
    Messages *messages;
    Token token;
    bool yes;          /* write to me again; else no more */
    const char *agent; /* program that asked; for the proof; may be NULL */
    const char *text;  /* what was shown beside the button */
    int64_t under_way; /* out: messages that were being handed over already */
    bool known;        /* out: the message of the token exists */
} Choice;

/* Writes the choice to the ledger; a no also cancels what is not on its way. Waits for the commit.
 */
bool choice_make(Choice *choice, GError **error);

/* Is the address of a token's message written to, as things are? */
bool choice_state(Messages *messages, const Token *token, bool *ret_yes, GError **error);

/* ---- hits.c ---- */

/* GET /t/o/{token} and /t/c/{token}. */
bool hit_open(Request *request, GError **error);
bool hit_click(Request *request, GError **error);
