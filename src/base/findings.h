/* base/findings.h: what a check of the whole store found: how much was looked at, what is wrong.
 *
 * Each part of Kith that keeps a promise has a `x_verify(…, Findings *)`; `kith verify` runs all of
 * them and fails when there is a finding. Texts bear ids, never personal data. One thread.
 *
 *     findings_part(findings, "orders");
 *     findings_checked(findings, 1);
 *     if (fold != row) findings_add(findings, "order %" PRId64 ": its fold differs", order_id);
 */
#pragma once
#include <glib.h>
#include <stdint.h>

enum { FINDINGS_KEPT_MAX = 100 /* further ones are only counted */ };

typedef struct FindingsPart {
    const char *name; /* literal */
    int64_t checked, wrong;
} FindingsPart;

typedef struct Findings {
    GArray *parts;    /* of FindingsPart */
    GPtrArray *texts; /* of char * */
    int64_t wrong;
} Findings;

void findings_init(Findings *findings);
void findings_clear(Findings *findings);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Findings, findings_clear)

/* What is looked at from here on. `name` is a literal. */
void findings_part(Findings *findings, const char *name);
void findings_checked(Findings *findings, int64_t count);
void findings_add(Findings *findings, const char *format, ...) G_GNUC_PRINTF(2, 3);
