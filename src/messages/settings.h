/* messages/settings.h: what the business set for its mails, and what it has proved.
 *
 * Rows of `setting`: good manners, the design (logo, two colours), and the proof that a list send
 * asks for beside a tested sender and a postal address: somebody unsubscribed from a test mail, and
 * that came back. It holds for the way out and the address of the links it was made with.
 */
#pragma once
#include "messages/manners.h"
#include "messages/messages.h"

bool settings_manners(Db *db, Manners *ret_manners, GError **error);

enum { DESIGN_URL_MAX = 500, DESIGN_COLOUR_SIZE = 8 };

typedef struct Design {
    char logo_url[DESIGN_URL_MAX + 1]; /* http(s), or "" */
    char colour[DESIGN_COLOUR_SIZE];   /* "#1f6f5c": heading and links */
    char background[DESIGN_COLOUR_SIZE];
} Design;

bool settings_design(Db *db, Design *ret_design, GError **error);

/* Notes that the round trip was made, as things are set up now. In a unit of the writer. */
bool settings_prove(Messages *messages, Db *db, GError **error);

/* What must be true before a list may be written to. While mails stay on this machine nobody else
 * judges the sender, so its address and its test are not asked for. */
typedef struct Readiness {
    bool postal, sender_test, address, round_trip;
    bool local;
} Readiness;
bool settings_readiness(Messages *messages, Db *db, Readiness *ret_readiness, GError **error);
static inline bool readiness_whole(const Readiness *readiness)
{
    return readiness->postal && readiness->round_trip &&
           (readiness->local || (readiness->sender_test && readiness->address));
}

/* GET and PUT of both, and readiness. */
void settings_add_routes(Messages *messages, Server *server);
