/* delivery/dkim.h: the signatures of a mail that arrived (RFC 6376, 8301, 8463).
 *
 * In two steps, so that no mail has to be kept: dkim_read takes from the source what a signature
 * says and the hashes it is to be compared with; dkim_verify compares them once the key has been
 * looked up. Pure; a source is read in one pass for each of at most DKIM_SIGNATURES_MAX signatures.
 * Lines may end with LF alone, as programs show them.
 */
#pragma once
#include "delivery/domain.h"

enum { DKIM_SIGNATURES_MAX = 5, DKIM_SOURCE_MAX = 1024 * 1024, DKIM_HASH_SIZE = 32 };

typedef struct DkimSignature {
    char *domain, *selector, *algorithm; /* d=, s=, a= */
    GBytes *bytes;                       /* b= */
    uint8_t hash[DKIM_HASH_SIZE];        /* of the header, as signed */
    bool body_matches;
    bool part_only;    /* l=: more could be written under it */
    bool signs_from;   /* without it the signature says nothing */
    bool signs_no;     /* List-Unsubscribe and -Post, when the mail has them */
    int64_t expires_s; /* x=; 0: never */
} DkimSignature;

void dkim_signature_clear(DkimSignature *signature);

typedef struct DkimMail {
    char *from_domain; /* of the From address, lower case; NULL: none */
    bool has_no;       /* it has a List-Unsubscribe */
    int count;         /* of signatures, those that could be read */
    int broken;        /* and those that could not */
    DkimSignature items[DKIM_SIGNATURES_MAX];
} DkimMail;

void dkim_mail_clear(DkimMail *mail);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DkimMail, dkim_mail_clear)

/* Always succeeds: what is no mail has no signatures. */
void dkim_read(const char *source, size_t size, DkimMail *ret_mail);

/* NULL when it holds, else why not, a literal: "body_changed", "wrong_key", "expired" … */
const char *dkim_verify(const DkimSignature *signature, const DkimKey *key, int64_t now_ms);
