/* people/law.h: under which law a customer may be written to without having asked for it.
 *
 * Many countries let a business write to its own customers about its own similar goods or services
 * under conditions that only the business can know. Kith offers that as a basis only where the law
 * of the customer's country has it, shows the conditions, and keeps who swore to them
 * (attestation.h). What is said here is a table of citations, no legal advice. Pure.
 *
 *     const Law *law = law_of_country(law_country(slice_of("Deutschland")));
 */
#pragma once
#include <glib.h>
#include <stdint.h>

#include "base/slice.h"

enum { LAW_COUNTRY_SIZE = 3, LAW_NONE = -1 };

typedef struct Law {
    const char *country;  /* ISO 3166-1 alpha-2 */
    const char *names;    /* how exports write the country, folded, "|" between */
    const char *id;       /* stable: 'de-uwg-7-3'; NULL: this country's law has no such basis */
    const char *citation; /* as lawyers write it */
    int64_t expires_days; /* after the last order; 0 = the law sets no term */
} Law;

/* Place of a country in the table by its code or one of its names; LAW_NONE when not there. */
int law_country(Slice text);

/* By place; NULL for LAW_NONE. */
const Law *law_at(int place);
int law_count(void);

/* The text that is sworn to, in "en" or "de" (others: "en"); the caller frees. `law->id` set. */
char *law_text(const Law *law, const char *language);
