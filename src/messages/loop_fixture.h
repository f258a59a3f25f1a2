/* messages/loop_fixture.h: a shop with people, a way out that does as it is told, and its API; for
 * tests of mailings on both databases. */
#pragma once
#include <string.h>

#include "base/clock.h"
#include "messages/campaign.h"
#include "messages/campaign_sql.h"
#include "messages/messages.h"
#include "messages/outbox.h"
#include "messages/personal.h"
#include "messages/verify.h"
#include "net/auth.h"
#include "net/http_fixture.h"
#include "people/consent.h"
#include "people/erase.h"
#include "people/people_routes.h"
#include "people/people_test.h"
#include "people/person.h"
#include "timeline/business.h"
#include "timeline/timeline.h"

#include <glib/gstdio.h>

/* What the carrier of the test was given, and how it is to answer. */
typedef struct Sent {
    char *to, *subject, *text, *html, *unsubscribe;
} Sent;

typedef struct House House;
struct House {
    World world;
    Timeline *timeline;
    Messages *messages;
    Auth *auth;
    Server *server;
    char *head, *uploads;
    GArray *group;   /* of int64_t: who every rule means */
    GPtrArray *sent; /* of Sent */
    CarrierOutcome (*answer)(House *house, const CarrierMail *mail);
    const char *no_to; /* path of an unsubscription posted while a mail is handed over */
    char *no_answer;
    int handed;
    int64_t daily; /* limit of the way out */
    bool unchecked, local;
};

#define DRAFT                                                                                      \
    "{\"name\":\"Hello\",\"subject\":\"Hi {{ person.first_name | default: \\\"there\\\" }}\","     \
    "\"body\":\"# News\\n\\nDear {{ person.first_name }}, see "                                    \
    "[our shop](https://shop.example/?a=1&b=2).\",\"rule\":\"everybody\",\"holdout\":0}"

/* The public page in an address; NULL: none. */
static inline const char *path_of(const char *url) { return url ? strstr(url, "/p/") : NULL; }

/* Opens a shop at a fixed noon with its API; closed, `kith verify` finds nothing wrong. */
void house_open(House *house, TestStore *test);
void house_close(House *house);
/* Somebody of the group that every rule means; permitted: said yes to the newsletter. */
int64_t person_add(House *house, const char *name, const char *email, bool permitted);
/* Calls the API; the answer must have this status. */
Reply ask(House *house, int status, const char *json, const char *format, ...) G_GNUC_PRINTF(4, 5);
/* A new mailing; its id. */
char *drafted(House *house, const char *json);
/* The work of the sender until nothing is due. */
void run_due(House *house);
/* Calls a public page. */
void page_call(House *house, int status, const char *method, const char *path);
/* The test mail and the click on its link. */
void make_ready(House *house, const char *campaign);
/* Sends a mailing and lets the minute of undo pass. */
void send_now(House *house, const char *campaign);
/* The one number of a query. */
int64_t number(House *house, const char *sql);
