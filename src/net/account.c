#include "net/account.h"

#include "base/clock.h"
#include "base/error.h"
#include "net/audit.h"
#include "net/auth_private.h"
#include "net/net_sql.h"
#include "net/password.h"

#include <string.h>

const char *const link_purpose_names[] = {"setup", "invite", "reset", NULL};
const char *const role_names[] = {"staff", "owner", NULL};

/* The head of every list of leaked passwords that has 8 letters or more (ASVS 6.2.4). */
static const char *const common_passwords[] = {
    "password",   "12345678",   "123456789",   "1234567890",  "qwertyuiop",    "qwerty123",
    "password1",  "password12", "password123", "11111111",    "1q2w3e4r",      "1qaz2wsx",
    "sunshine",   "princess",   "football",    "baseball",    "superman",      "iloveyou",
    "trustno1",   "welcome1",   "welcome123",  "admin123",    "administrator", "letmein1",
    "passw0rd",   "p@ssw0rd",   "abcd1234",    "abc12345",    "a1b2c3d4",      "qwertz123",
    "qwertzuiop", "passwort",   "passwort1",   "passwort123", "hallo123",      "schatz123",
    "87654321",   "00000000",   "88888888",    "12341234",    "asdfghjkl",     "asdfasdf",
    "zxcvbnm123", "q1w2e3r4",   "q1w2e3r4t5",  "1q2w3e4r5t",  "michelle",      "jennifer",
    "changeme",   "changeme1",  "starwars",    "computer",    "internet",      "whatever",
    "monkey123",  "dragon123",  "master123",   "shadow123",   "charlie1",      "liverpool",
    "kith1234",   "kithkith",   NULL};

/* ---- checks ---- */

bool account_email_normalise(const char *text, char out[ACCOUNT_EMAIL_MAX + 1], GError **error)
{
    g_autofree char *lower = g_ascii_strdown(text, -1);
    g_strstrip(lower);
    const char *at = strchr(lower, '@');
    bool shape = at && at != lower && strchr(at + 1, '.') && !strchr(at + 1, '@') &&
                 at[strlen(at) - 1] != '.';
    for (const char *c = lower; shape && *c; c++)
        shape = (unsigned char)*c > 0x20 && *c != 0x7f && !strchr("<>()[]\\,;:\"", *c);
    if (!shape || strlen(lower) > ACCOUNT_EMAIL_MAX)
        return fail(error, KITH_ERROR_INVALID, "email: this is not an address");
    g_strlcpy(out, lower, ACCOUNT_EMAIL_MAX + 1);
    return true;
}

bool account_password_check(const char *password, const char *email, GError **error)
{
    g_autofree char *lower = g_utf8_strdown(password, -1);
    if (g_utf8_strlen(password, -1) < ACCOUNT_PASSWORD_MIN)
        return fail(error, KITH_ERROR_INVALID, "password: at least %d characters",
                    ACCOUNT_PASSWORD_MIN);
    if (strlen(password) > ACCOUNT_PASSWORD_MAX)
        return fail(error, KITH_ERROR_INVALID, "password: at most %d bytes", ACCOUNT_PASSWORD_MAX);
    if (g_strv_contains(common_passwords, lower))
        return fail(error, KITH_ERROR_INVALID,
                    "password: this one is on every list: choose another");
    if (email && strcmp(lower, email) == 0)
        return fail(error, KITH_ERROR_INVALID, "password: not the address itself");
    return true;
}

static bool input_check(const AccountInput *input, char email[ACCOUNT_EMAIL_MAX + 1],
                        GError **error)
{
    if (strlen(input->name) > ACCOUNT_NAME_MAX)
        return fail(error, KITH_ERROR_INVALID, "name: at most %d bytes", ACCOUNT_NAME_MAX);
    return account_email_normalise(input->email, email, error) &&
           (!input->password || account_password_check(input->password, email, error));
}

/* ---- one unit of the writer for all of them ---- */

typedef struct Work {
    Auth *auth;
    const AccountInput *input;
    const char *email, *name, *password_hash;
    const Actor *by;
    const char *action;
    LinkPurpose purpose;
    int64_t account_id, now_ms, audit_id;
    uint8_t hash[AUTH_HASH_SIZE];
} Work;

static Work work_new(Auth *auth, const Actor *by, const char *action)
{
    return (Work){.auth = auth,
                  .by = by,
                  .action = action,
                  .now_ms = clock_now_ms(),
                  .audit_id = store_id_next(auth->store)};
}

static bool work_call(Work *work, WriterRun run, GError **error)
{
    return writer_call(store_writer(work->auth->store), WRITER_REST, run, work, error);
}

static bool work_audit(Db *db, const Work *work, GError **error)
{
    AuditEntry entry = {.audit_id = work->audit_id,
                        .at = work->now_ms,
                        .by = work->by,
                        .action = work->action,
                        .kind = "account",
                        .id = work->account_id};
    return audit_add(db, &entry, error);
}

static bool work_insert(Db *db, const Work *work, GError **error)
{
    AccountInsertParams params = {.account_id = work->account_id,
                                  .email = work->email,
                                  .name = work->input->name,
                                  .role = role_names[work->input->role],
                                  .language = work->input->language,
                                  .password_hash = work->password_hash,
                                  .created_at = work->now_ms};
    return sql_account_insert(db, &params, NULL, error);
}

static bool work_link(Db *db, const Work *work, GError **error)
{
    int64_t life_ms = work->purpose == LINK_SETUP ? ACCOUNT_SETUP_MS : ACCOUNT_LINK_MS;
    AccountLinkInsertParams params = {.token_hash = {work->hash, AUTH_HASH_SIZE},
                                      .purpose = link_purpose_names[work->purpose],
                                      .account_id = {work->account_id != 0, work->account_id},
                                      .created_at = work->now_ms,
                                      .expires_at = work->now_ms + life_ms};
    return sql_account_link_insert(db, &params, NULL, error);
}

static bool work_link_use(Db *db, const Work *work, GError **error)
{
    int64_t changed = 0;
    AccountLinkUseParams params = {.token_hash = {work->hash, AUTH_HASH_SIZE}, .at = work->now_ms};
    if (!sql_account_link_use(db, &params, &changed, error)) return false;
    return changed == 1 ||
           fail(error, KITH_ERROR_NOT_FOUND, "this link was used, is over, or is not one of ours");
}

/* ---- set-up ---- */

static bool owners_count(Db *db, int64_t *ret_count, GError **error)
{
    AccountOwnersRow row = {0};
    bool found = false;
    if (!sql_account_owners(db, &row, &found, error)) return false;
    *ret_count = row.count;
    return true;
}

bool account_needs_setup(Auth *auth, bool *ret_needed, GError **error)
{
    int64_t count = 0;
    Db *db = store_reader_begin(auth->store, error);
    if (!db) return false;
    bool ok = owners_count(db, &count, error);
    store_reader_end(auth->store, db);
    if (ok) *ret_needed = count == 0;
    return ok;
}

static bool setup_link_run(Db *db, void *data, GError **error)
{
    return sql_account_link_drop_setup(db, NULL, error) && work_link(db, data, error);
}

bool account_setup_link(Auth *auth, char token[AUTH_TOKEN_SIZE], GError **error)
{
    bool needed = false;
    token[0] = '\0';
    if (!account_needs_setup(auth, &needed, error)) return false;
    if (!needed) return true;
    Work work = work_new(auth, NULL, "setup");
    work.purpose = LINK_SETUP;
    auth_token_new(token);
    auth_token_hash(auth, token, strlen(token), work.hash);
    return work_call(&work, setup_link_run, error);
}

static bool setup_run(Db *db, void *data, GError **error)
{
    const Work *work = data;
    int64_t owners = 0;
    if (!owners_count(db, &owners, error)) return false;
    if (owners > 0) return fail(error, KITH_ERROR_CONFLICT, "Kith is set up already: sign in");
    return work_link_use(db, work, error) && work_insert(db, work, error) &&
           work_audit(db, work, error);
}

bool account_setup(Auth *auth, const char *token, const AccountInput *input,
                   int64_t *ret_account_id, GError **error)
{
    char email[ACCOUNT_EMAIL_MAX + 1], hash[PASSWORD_HASH_SIZE];
    LinkInfo info = {0};
    Work work = work_new(auth, NULL, "account.setup");
    if (!input_check(input, email, error) || !account_link_get(auth, token, &info, error) ||
        !password_hash(auth, input->password, hash, error))
        return false;
    if (info.purpose != LINK_SETUP)
        return fail(error, KITH_ERROR_DENIED, "this link is not for setting up");
    work.input = input;
    work.email = email;
    work.password_hash = hash;
    work.account_id = store_id_next(auth->store);
    auth_token_hash(auth, token, strlen(token), work.hash);
    if (!work_call(&work, setup_run, error)) return false;
    *ret_account_id = work.account_id;
    return true;
}

/* ---- signing in ---- */

bool account_find(Auth *auth, const char *email, int64_t *ret_account_id, GError **error)
{
    AccountByEmailParams params = {.email = email};
    AccountByEmailRow row = {0};
    bool found = false;
    Db *db = store_reader_begin(auth->store, error);
    if (!db) return false;
    bool ok = sql_account_by_email(db, &params, &row, &found, error);
    if (ok) *ret_account_id = found ? row.account_id : 0;
    store_reader_end(auth->store, db);
    return ok;
}

static bool login_read(Auth *auth, const char *email, int64_t *ret_id,
                       char hash[PASSWORD_HASH_SIZE], GError **error)
{
    AccountByEmailParams params = {.email = email};
    AccountByEmailRow row = {0};
    bool found = false;
    Db *db = store_reader_begin(auth->store, error);
    if (!db) return false;
    bool ok = sql_account_by_email(db, &params, &row, &found, error);
    hash[0] = '\0';
    if (ok && found && !row.disabled_at.set && row.password_hash) {
        *ret_id = row.account_id;
        g_strlcpy(hash, row.password_hash, PASSWORD_HASH_SIZE);
    }
    store_reader_end(auth->store, db);
    return ok;
}

bool account_login(Auth *auth, const char *email_text, const char *password,
                   int64_t *ret_account_id, GError **error)
{
    char email[ACCOUNT_EMAIL_MAX + 1], hash[PASSWORD_HASH_SIZE];
    unsigned wait_s = 0;
    int64_t account_id = 0;
    bool right = false;
    if (!account_email_normalise(email_text, email, NULL) ||
        strlen(password) > ACCOUNT_PASSWORD_MAX)
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "the address or the password is not right");
    if (!auth_account_take(auth, email, &wait_s))
        return fail(error, KITH_ERROR_RATE, "too many tries for this address: wait %u s", wait_s);
    if (!login_read(auth, email, &account_id, hash, error) ||
        !password_verify(auth, password, *hash ? hash : NULL, &right, error))
        return false;
    if (!right)
        return fail(error, KITH_ERROR_UNAUTHENTICATED, "the address or the password is not right");
    *ret_account_id = account_id;
    return true;
}

/* ---- making, resetting, removing ---- */

static bool email_free_check(Db *db, const char *email, GError **error)
{
    AccountByEmailParams params = {.email = email};
    AccountByEmailRow row = {0};
    bool found = false;
    if (!sql_account_by_email(db, &params, &row, &found, error)) return false;
    return !found || fail(error, KITH_ERROR_CONFLICT, "email: somebody has this address already");
}

static bool create_run(Db *db, void *data, GError **error)
{
    const Work *work = data;
    return email_free_check(db, work->email, error) && work_insert(db, work, error) &&
           (work->password_hash || work_link(db, work, error)) && work_audit(db, work, error);
}

bool account_create(Auth *auth, const AccountInput *input, const Actor *by, int64_t *ret_account_id,
                    char token[AUTH_TOKEN_SIZE], GError **error)
{
    char email[ACCOUNT_EMAIL_MAX + 1], hash[PASSWORD_HASH_SIZE];
    Work work = work_new(auth, by, "account.create");
    token[0] = '\0';
    if (!input_check(input, email, error)) return false;
    if (input->password && !password_hash(auth, input->password, hash, error)) return false;
    work.input = input;
    work.email = email;
    work.password_hash = input->password ? hash : NULL;
    work.purpose = LINK_INVITE;
    work.account_id = store_id_next(auth->store);
    if (!input->password) {
        auth_token_new(token);
        auth_token_hash(auth, token, strlen(token), work.hash);
    }
    if (!work_call(&work, create_run, error)) return false;
    *ret_account_id = work.account_id;
    return true;
}

/* An account that is there and not removed. */
static bool account_get(Db *db, int64_t account_id, AccountGetRow *ret_row, GError **error)
{
    AccountGetParams params = {.account_id = account_id};
    bool found = false;
    if (!sql_account_get(db, &params, ret_row, &found, error)) return false;
    return (found && !ret_row->disabled_at.set) ||
           fail(error, KITH_ERROR_NOT_FOUND, "there is no such account");
}

static bool reset_run(Db *db, void *data, GError **error)
{
    const Work *work = data;
    AccountGetRow row = {0};
    AccountLinkDropAccountParams old = {.account_id = work->account_id};
    return account_get(db, work->account_id, &row, error) &&
           sql_account_link_drop_account(db, &old, NULL, error) && work_link(db, work, error) &&
           work_audit(db, work, error);
}

bool account_reset(Auth *auth, int64_t account_id, const Actor *by, char token[AUTH_TOKEN_SIZE],
                   GError **error)
{
    Work work = work_new(auth, by, "account.reset");
    work.account_id = account_id;
    work.purpose = LINK_RESET;
    auth_token_new(token);
    auth_token_hash(auth, token, strlen(token), work.hash);
    return work_call(&work, reset_run, error);
}

static bool remove_run(Db *db, void *data, GError **error)
{
    const Work *work = data;
    AccountGetRow row = {0};
    int64_t owners = 0;
    char gone[40];
    if (!account_get(db, work->account_id, &row, error) || !owners_count(db, &owners, error))
        return false;
    if (strcmp(row.role, "owner") == 0 && row.password_hash && owners == 1)
        return fail(error, KITH_ERROR_CONFLICT,
                    "this is the last owner: make another one owner first");
    g_snprintf(gone, sizeof gone, "removed-%" G_GINT64_FORMAT, work->account_id);
    AccountDisableParams params = {
        .account_id = work->account_id, .at = work->now_ms, .email = gone};
    AccountLinkDropAccountParams links = {.account_id = work->account_id};
    SessionDeleteAccountParams sessions = {.account_id = work->account_id};
    return sql_account_disable(db, &params, NULL, error) &&
           sql_account_link_drop_account(db, &links, NULL, error) &&
           sql_session_delete_account(db, &sessions, NULL, error) && work_audit(db, work, error);
}

bool account_remove(Auth *auth, int64_t account_id, const Actor *by, GError **error)
{
    Work work = work_new(auth, by, "account.remove");
    work.account_id = account_id;
    if (!work_call(&work, remove_run, error)) return false;
    sessions_forget(auth, account_id);
    return true;
}

/* ---- links ---- */

static bool link_read(Db *db, Auth *auth, const char *token, LinkInfo *info, GError **error)
{
    uint8_t hash[AUTH_HASH_SIZE];
    AccountLinkGetRow row = {0};
    bool found = false;
    auth_token_hash(auth, token, strlen(token), hash);
    AccountLinkGetParams params = {.token_hash = {hash, sizeof hash}};
    if (!sql_account_link_get(db, &params, &row, &found, error)) return false;
    if (!found || row.used_at.set || row.expires_at <= clock_now_ms())
        return fail(error, KITH_ERROR_NOT_FOUND,
                    "this link was used, is over, or is not one of ours");
    for (int i = 0; i < LINK_PURPOSES; i++)
        if (strcmp(link_purpose_names[i], row.purpose) == 0) info->purpose = (LinkPurpose)i;
    info->account_id = row.account_id.set ? row.account_id.value : 0;
    if (!info->account_id) return true;
    AccountGetRow account = {0};
    if (!account_get(db, info->account_id, &account, error)) return false;
    g_strlcpy(info->email, account.email, sizeof info->email);
    g_strlcpy(info->name, account.name, sizeof info->name);
    return true;
}

bool account_link_get(Auth *auth, const char *token, LinkInfo *ret_info, GError **error)
{
    Db *db = store_reader_begin(auth->store, error);
    if (!db) return false;
    bool ok = link_read(db, auth, token, ret_info, error);
    store_reader_end(auth->store, db);
    return ok;
}

static bool take_run(Db *db, void *data, GError **error)
{
    const Work *work = data;
    AccountPasswordSetParams password = {.account_id = work->account_id,
                                         .password_hash = work->password_hash};
    AccountNameSetParams name = {.account_id = work->account_id, .name = work->name};
    SessionDeleteAccountParams sessions = {.account_id = work->account_id};
    return work_link_use(db, work, error) && sql_account_password_set(db, &password, NULL, error) &&
           (!work->name || sql_account_name_set(db, &name, NULL, error)) &&
           sql_session_delete_account(db, &sessions, NULL, error) && work_audit(db, work, error);
}

bool account_link_take(Auth *auth, const char *token, const char *name, const char *password,
                       int64_t *ret_account_id, GError **error)
{
    char hash[PASSWORD_HASH_SIZE];
    LinkInfo info = {0};
    Work work = work_new(auth, NULL, "account.password");
    if (!account_link_get(auth, token, &info, error)) return false;
    if (info.purpose == LINK_SETUP)
        return fail(error, KITH_ERROR_DENIED, "this link is for setting up");
    if (name && strlen(name) > ACCOUNT_NAME_MAX)
        return fail(error, KITH_ERROR_INVALID, "name: at most %d bytes", ACCOUNT_NAME_MAX);
    if (!account_password_check(password, info.email, error) ||
        !password_hash(auth, password, hash, error))
        return false;
    work.account_id = info.account_id;
    work.name = name;
    work.password_hash = hash;
    auth_token_hash(auth, token, strlen(token), work.hash);
    if (!work_call(&work, take_run, error)) return false;
    sessions_forget(auth, info.account_id);
    *ret_account_id = info.account_id;
    return true;
}
