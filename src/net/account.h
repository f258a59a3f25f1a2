/* net/account.h: accounts, their passwords, and the one-time links that set them.
 *
 * There is no default password. While no owner has a password, each start makes a set-up link
 * (older ones end) that `kith serve` prints; the first owner is made with it. Everybody else comes
 * by an invite, and returns after a lost password by a reset: links that work once, within their
 * time, shown to copy until a sender is set up. A link's token is stored hashed only.
 *
 * Passwords: 8 to 512 bytes, any characters, not among the most common, Argon2id (64 MB). Checks
 * run on the caller's thread, at most two at a time; call from workers. A wrong password and an
 * unknown address take the same time and say the same.
 */
#pragma once
#include "net/auth.h"

#define ACCOUNT_LINK_MS  ((int64_t)7 * 24 * 3600 * 1000)
#define ACCOUNT_SETUP_MS ((int64_t)30 * 24 * 3600 * 1000)

enum {
    ACCOUNT_PASSWORD_MIN = 8,
    ACCOUNT_PASSWORD_MAX = 512,
    ACCOUNT_EMAIL_MAX = 254,
    ACCOUNT_NAME_MAX = 120
};

typedef enum LinkPurpose { LINK_SETUP, LINK_INVITE, LINK_RESET, LINK_PURPOSES } LinkPurpose;
extern const char *const link_purpose_names[]; /* "setup", "invite", "reset", NULL */
extern const char *const role_names[];         /* by UserRole: "staff", "owner", NULL */

typedef struct AccountInput {
    const char *name, *email;
    const char *password; /* NULL: set by the link */
    const char *language; /* "en", "de" */
    UserRole role;
} AccountInput;

/* What a link is for; texts are the caller's buffers. */
typedef struct LinkInfo {
    LinkPurpose purpose;
    int64_t account_id; /* 0: set-up */
    char email[ACCOUNT_EMAIL_MAX + 1], name[ACCOUNT_NAME_MAX + 1];
} LinkInfo;

/* Lower case without spaces around; INVALID when it has not the shape of an address. */
bool account_email_normalise(const char *text, char out[ACCOUNT_EMAIL_MAX + 1], GError **error);
bool account_password_check(const char *password, const char *email, GError **error);

/* No owner can sign in yet. */
bool account_needs_setup(Auth *auth, bool *ret_needed, GError **error);
/* A fresh set-up token when it is needed, else "". */
bool account_setup_link(Auth *auth, char token[AUTH_TOKEN_SIZE], GError **error);
/* Makes the first owner. Errors: DENIED (link), CONFLICT (done already), INVALID. */
bool account_setup(Auth *auth, const char *token, const AccountInput *input,
                   int64_t *ret_account_id, GError **error);

/* The account of an address; 0 when there is none. */
bool account_find(Auth *auth, const char *email, int64_t *ret_account_id, GError **error);

/* Errors: UNAUTHENTICATED, RATE (tries, or too many at once). */
bool account_login(Auth *auth, const char *email, const char *password, int64_t *ret_account_id,
                   GError **error);

/* A new account and, without a password, its invite token (else ""). Errors: CONFLICT (address). */
bool account_create(Auth *auth, const AccountInput *input, const Actor *by, int64_t *ret_account_id,
                    char token[AUTH_TOKEN_SIZE], GError **error);
/* A reset token; older links of the account end. Errors: NOT_FOUND. */
bool account_reset(Auth *auth, int64_t account_id, const Actor *by, char token[AUTH_TOKEN_SIZE],
                   GError **error);
/* Removes an account and ends its sessions. Errors: NOT_FOUND, CONFLICT (the last owner). */
bool account_remove(Auth *auth, int64_t account_id, const Actor *by, GError **error);

/* Errors: NOT_FOUND when the link is unknown, used or over. */
bool account_link_get(Auth *auth, const char *token, LinkInfo *ret_info, GError **error);
/* Sets the password (and the name unless NULL), uses the link up, ends all sessions. */
bool account_link_take(Auth *auth, const char *token, const char *name, const char *password,
                       int64_t *ret_account_id, GError **error);
