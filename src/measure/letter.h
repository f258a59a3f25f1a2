/* measure/letter.h: the weekly letter: at most five sentences to an owner, Monday morning.
 *
 * What changed against the week before (calendar weeks of the business's zone, Monday first), who
 * of it was new, three people to thank by name, the one thing worth doing, and what was sent to
 * customers. Only what is known is said: without orders of that week it says how old the newest
 * is. In the reader's language. Written once per account and ISO week: the mark and the job of the
 * mail are one transaction, and the mail itself is handed over at most once.
 *
 *     g_auto(Letter) letter = {0};
 *     if (!letter_write(measure, &(LetterReader){.language = "de"}, &letter, error)) return false;
 */
#pragma once
#include "delivery/delivery.h"
#include "measure/measure.h"

#define LETTER_JOB "letter.weekly"

enum {
    LETTER_HOUR = 7,        /* local: not before */
    LETTER_WEEKDAY_MAX = 3, /* a Kith that was off on Monday still writes until Wednesday */
    LETTER_THANKS = 3,
    LETTER_WEEK_SIZE = 24, /* "2026-W47" */
};

typedef struct LetterReader {
    const char *language; /* "de"; else English */
    const char *name;     /* or "" */
    const char *base_url; /* of the pages, for the link; NULL: none */
} LetterReader;

typedef struct Letter {
    char *subject, *text, *html; /* owned; NULL while there are no orders at all */
} Letter;

void letter_clear(Letter *letter);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Letter, letter_clear)

/* The letter of the week before the present one. Errors: those of the database. */
bool letter_write(Measure *measure, const LetterReader *reader, Letter *ret_letter, GError **error);

/* "2026-W47" of the instant, in this zone (ISO 8601 week date). */
void letter_week(const Zone *zone, int64_t at, char ret_week[LETTER_WEEK_SIZE]);

/* Asks for every letter that is due at `now`. `base_url` may be NULL. Worker thread. */
bool letters_send(Measure *measure, Delivery *delivery, const char *base_url, int64_t now,
                  GError **error);

typedef struct Server Server;
typedef struct LetterRoutes {
    Measure *measure;
    Delivery *delivery;
} LetterRoutes;
/* `routes` must outlive the server. */
void letter_add_routes(Server *server, LetterRoutes *routes);
