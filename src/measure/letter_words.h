/* measure/letter_words.h: the sentences of the weekly letter, in English and German.
 *
 * Amounts, counts and dates are written as the language writes them (ICU). Pure.
 */
#pragma once
#include "measure/kpi.h"

#include <glib.h>

/* Why somebody did not get a mail, in the few words of a letter. */
typedef enum LetterWhy {
    LETTER_WHY_ALONE,   /* left alone to compare */
    LETTER_WHY_NO_YES,  /* never said yes, or it ran out */
    LETTER_WHY_NO,      /* said no, unsubscribed, complained */
    LETTER_WHY_DEAD,    /* the address is dead, or none is known */
    LETTER_WHY_MANNERS, /* too soon, too many, too late */
    LETTER_WHY_TWICE,   /* reached already, at this address or as somebody else */
    LETTER_WHY_STOPPED, /* the mailing was stopped */
    LETTER_WHY_REFUSED, /* the mail server would not take it */
    LETTER_WHY_TEXT,    /* the text could not be made */
    LETTER_WHY_UNKNOWN, /* the connection broke: it may have arrived */
    LETTER_WHY_OTHER,
    LETTER_WHYS
} LetterWhy;

/* Of a message that ended in this state for this reason (either may be NULL). */
LetterWhy letter_why(const char *state, const char *reason);

typedef struct LetterFacts {
    const char *language, *name, *link; /* link: to the people behind `quiet`, or NULL */
    const char *currency;               /* "" while the profile is empty */
    bool stale;                         /* nothing is known of that week */
    int32_t newest_day;                 /* last day with an order, when stale */
    int32_t from, to;                   /* days of the week, [from, to) */
    int64_t orders, orders_before, customers, customers_new;
    int64_t revenue, revenue_before; /* minor units, with sales to unknown customers */
    const char *const *thanks;       /* names, NULL-terminated */
    int64_t quiet, quiet_stake;      /* good customers gone quiet, what they spent in a year */
    int64_t mailings, sent;          /* begun, and mails that were taken, in that week */
    int64_t unsent[LETTER_WHYS];
} LetterFacts;

/* New texts, the caller's: subject, and sentences divided by empty lines. */
char *letter_subject(const LetterFacts *facts);
char *letter_text(const LetterFacts *facts);
