/* measure/letter_words.h: the sentences of the weekly letter, in English and German.
 *
 * Amounts, counts and dates are written as the language writes them (ICU). Pure.
 */
#pragma once
#include "measure/kpi.h"

#include <glib.h>

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
} LetterFacts;

/* New texts, the caller's: subject, and sentences divided by empty lines. */
char *letter_subject(const LetterFacts *facts);
char *letter_text(const LetterFacts *facts);
