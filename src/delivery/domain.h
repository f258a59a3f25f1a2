/* delivery/domain.h: what a domain says about its mails: SPF, DKIM and DMARC, each judged, with
 * what was found and the record to publish.
 *
 *   SPF    RFC 7208: one record, readable, names the provider, at most ten look-ups in the worst
 * case DKIM   RFC 6376 3.6.1, 8301, 8463: a key under the selector, readable, not revoked, long
 * enough DMARC  RFC 7489, with the organisational domain found by walking up the tree as its
 * successor (draft-ietf-dmarc-dmarcbis, 4.10) does, so that no list of suffixes grows old here
 *
 * Names are looked up through `ask`, so that all of this runs without a network in tests. It is
 * bounded: at most DOMAIN_ASKS_MAX questions whatever the records say.
 */
#pragma once
#include "net/dns.h"

enum { DOMAIN_ASKS_MAX = 40, DOMAIN_WALK_MAX = 8, SPF_LOOKUPS_MAX = 10 };

typedef enum CheckState {
    CHECK_UNKNOWN, /* could not be looked up, or it is not known where */
    CHECK_OK,
    CHECK_NOT_NEEDED,
    CHECK_MISSING,
    CHECK_WRONG
} CheckState;
extern const char *const check_state_names[]; /* "unknown", "ok", …, NULL */

/* One question of the check. */
typedef struct DomainAsk {
    void (*ask)(void *data, const char *name, DnsType type, DnsAnswer *ret_answer);
    void *data;
    int asked; /* counted; beyond DOMAIN_ASKS_MAX nothing is asked and all answers are FAILED */
} DomainAsk;

/* What is to be published; any text may be NULL: only the provider knows it. */
typedef struct DomainRecord {
    const char *type; /* "TXT", "CNAME" */
    char *name, *value;
} DomainRecord;

typedef struct DomainCheck {
    CheckState state;
    const char *code;   /* why, a literal: "several", "key_short" … */
    char *detail;       /* the name or number that `code` is about; NULL */
    GPtrArray *found;   /* of char * */
    GArray *records;    /* of DomainRecord */
    int lookups;        /* SPF: in the worst case */
    char *organisation; /* DMARC: the organisational domain; NULL: not known */
    bool strict;        /* DMARC: adkim=s */
} DomainCheck;

void domain_check_clear(DomainCheck *check);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DomainCheck, domain_check_clear)

/* What the provider asks for. Texts are borrowed. */
typedef struct DomainWants {
    const char *domain; /* of the From address, ASCII, lower case */
    const char *signer; /* where the DKIM key is looked for; mostly the same */
    const char *spf;    /* "include:…"; "" or NULL: none that is known */
    bool spf_own;       /* the provider's mails come back to an address of its own: no SPF needed */
    const char *host;   /* of the SMTP server, for an SPF record of an unknown provider */
    const char *selector;  /* "": not known */
    const char *dkim_host; /* "%s.dkim.amazonses.com": what the selector is an alias of; or NULL */
} DomainWants;

void domain_check_spf(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check);
void domain_check_dkim(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check);
void domain_check_dmarc(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check);

/* Whether a DKIM signature of `signer` speaks for mails from `domain` (RFC 7489 3.1.1). */
bool domain_aligned(const char *domain, const char *signer, const DomainCheck *dmarc);

/* ---- a DKIM key ---- */

typedef enum DkimKeyType { DKIM_RSA, DKIM_ED25519, DKIM_OTHER } DkimKeyType;

typedef struct DkimKey {
    DkimKeyType type;
    GBytes *bytes; /* NULL: revoked */
    int bits;
    bool testing; /* t=y */
} DkimKey;

void dkim_key_clear(DkimKey *key);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkimKey, dkim_key_clear)

/* Reads a key record; false when it is none that can be read. */
bool dkim_key_read(const char *text, DkimKey *ret_key);
