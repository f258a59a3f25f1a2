/* delivery/address.h: is the address that mails are from, and the one their links lead to, in
 * order?
 *
 * Checked when somebody asks, by a job: what the sender's domain publishes (domain.h), whether the
 * public address leads to this very process, and, from the source of a mail that arrived, whether
 * its signature holds (dkim.h). The last findings are settings. They count for the sender and the
 * address they were made with: whatever changes those makes them stale.
 *
 * To see whether the public address leads here, a page under an unguessable name is asked for,
 * whose answer only this process knows: somebody else's page, or another Kith, cannot give it.
 */
#pragma once
#include "delivery/delivery.h"
#include "delivery/domain.h"
#include "net/fetch.h"

enum { ADDRESS_CHECK_MS = 3 * 60 * 1000 /* then one that said nothing may be made again */ };

/* What is in use now; texts are owned. */
typedef struct AddressNow {
    char domain[SENDER_ADDRESS_MAX + 1]; /* of the From address, ASCII; "" none */
    char *url;                           /* links begin with it; NULL: not served */
    char *with;                          /* names all of it that findings depend on */
    bool local;                          /* mails stay on this machine: nothing of this is needed */
} AddressNow;

void address_now_clear(AddressNow *now);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(AddressNow, address_now_clear)

void address_now(Delivery *delivery, const Sender *sender, AddressNow *ret_now);

/* Whether the last findings are of now, and all good. */
bool address_is_good(Delivery *delivery, Db *db, const Sender *sender, bool *ret_good,
                     GError **error);

/* The findings as kept: objects "check" and "mail", or null; new reference, NULL on failure. */
json_t *address_findings(Db *db, GError **error);

/* Asks for a check, and for one of a mail's source. Wait for the commit. Errors: CONFLICT (there is
 * no From address, or one is under way), INVALID (the source is no mail). */
bool address_check_ask(Delivery *delivery, GError **error);
bool address_mail_ask(Delivery *delivery, const char *source, GError **error);

/* What a public address turned out to be; code is a literal. Pure. */
CheckState address_url_judge(const char *url, const FetchAnswer *answer, const char *expected,
                             const char **ret_code);

/* Answers GET /p/here/{nonce}; NULL when nobody asks for it just then. The caller frees. */
char *address_here(Delivery *delivery, const char *nonce);

void address_add_routes(Delivery *delivery, Server *server);
