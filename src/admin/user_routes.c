#include "admin/admin_private.h"
#include "admin/admin_sql.h"
#include "base/error.h"
#include "delivery/delivery.h"
#include "net/account.h"

#include <string.h>

/* ---- users ---- */

static const Field user_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"email", FIELD_TEXT, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"role", FIELD_TEXT, .required = true, .choices = role_names},
    {"language", FIELD_TEXT, .required = true},
    {"invited", FIELD_BOOL, .required = true, .doc = "has not taken up the invite yet"},
    {"created_at", FIELD_TIME, .required = true},
};
static const Schema user_schema = SCHEMA_REPLY("User", user_fields);
static const Field users_fields[] = {
    {"users", FIELD_LIST, .required = true, .of = &user_schema},
};
static const Schema users_reply = SCHEMA_REPLY("Users", users_fields);

static bool users_read(Db *db, json_t *list, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    AdminAccountsRow row;
    if (!sql_admin_accounts_open(db, &cursor, error)) return false;
    while (sql_admin_accounts_next(&cursor, &row))
        json_array_append_new(list, json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:I}", "id",
                                              admin_id(row.account_id), "email", row.email, "name",
                                              row.name, "role", row.role, "language", row.language,
                                              "invited", row.waiting != 0, "created_at",
                                              (json_int_t)row.created_at));
    return db_cursor_finish(&cursor, error);
}

typedef bool (*ListRead)(Db *db, json_t *list, GError **error);

/* `{name: [...]}` as `read` fills it, from one snapshot. */
static bool list_answer(Request *request, const char *name, ListRead read, GError **error)
{
    Admin *admin = request_context(request);
    json_auto_t *list = json_array();
    Db *db = store_reader_begin(admin->options.store, error);
    if (!db) return false;
    bool ok = read(db, list, error);
    store_reader_end(admin->options.store, db);
    return ok && request_reply_json(request, 200, json_pack("{s:O}", name, list));
}

static bool users_get(Request *request, GError **error)
{
    return list_answer(request, "users", users_read, error);
}

typedef struct UserInput {
    const char *email, *name, *role;
} UserInput;
static const Field input_fields[] = {
    {"email", FIELD_TEXT, .required = true, .max = 300, .offset = offsetof(UserInput, email)},
    {"name", FIELD_TEXT, .required = true, .max = ACCOUNT_NAME_MAX,
     .offset = offsetof(UserInput, name)},
    {"role", FIELD_TEXT, .choices = role_names, .offset = offsetof(UserInput, role)},
};
static const Schema user_input = SCHEMA("UserInput", UserInput, input_fields);

static const Field made_fields[] = {
    {"user", FIELD_OBJECT, .required = true, .of = &user_schema},
    {"link", FIELD_TEXT, .required = true, .doc = "to hand over; works once, for seven days"},
    {"mail", FIELD_TEXT, .required = true, .choices = mail_way_names,
     .doc = "whether the link goes by mail too: smtp, or into the local mailbox"},
};
static const Schema made_reply = SCHEMA_REPLY("UserMade", made_fields);

/* The link is shown in any case, so a mail that cannot be asked for is none and nothing more. */
static const char *link_mail(Admin *admin, UserMailKind kind, int64_t account_id, const char *link)
{
    MailWay way = MAIL_WAY_NONE;
    UserMail mail = {.kind = kind, .account_id = account_id, .link = link};
    bool asked =
        admin->options.delivery && delivery_user_mail(admin->options.delivery, &mail, &way, NULL);
    return mail_way_names[asked ? way : MAIL_WAY_NONE];
}

static bool users_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const UserInput *input = request_input(request);
    bool owner = input->role && strcmp(input->role, role_names[ROLE_OWNER]) == 0;
    AccountInput account = {.name = input->name,
                            .email = input->email,
                            .language = "en",
                            .role = owner ? ROLE_OWNER : ROLE_STAFF};
    char token[AUTH_TOKEN_SIZE], email[ACCOUNT_EMAIL_MAX + 1];
    int64_t account_id = 0;
    if (!account_email_normalise(input->email, email, NULL))
        return request_fail_field(request, "email", "is not an address", error);
    if (!account_create(admin->options.auth, &account, request_actor(request), &account_id, token,
                        error))
        return false;
    g_autofree char *link = admin_link(request_base_url(request), "link", token);
    json_t *user = json_pack("{s:o, s:s, s:s, s:s, s:s, s:b, s:I}", "id", admin_id(account_id),
                             "email", email, "name", input->name, "role", role_names[account.role],
                             "language", account.language, "invited", true, "created_at",
                             (json_int_t)request_now_ms(request));
    const char *mailed = link_mail(admin, USER_MAIL_INVITE, account_id, link);
    return request_reply_json(
        request, 201, json_pack("{s:o, s:s, s:s}", "user", user, "link", link, "mail", mailed));
}

static const Field link_fields[] = {
    {"link", FIELD_TEXT, .required = true},
    {"mail", FIELD_TEXT, .required = true, .choices = mail_way_names},
};
static const Schema link_reply = SCHEMA_REPLY("UserLink", link_fields);

static bool user_reset(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    char token[AUTH_TOKEN_SIZE];
    int64_t account_id = request_path_id(request, "id");
    if (!account_reset(admin->options.auth, account_id, request_actor(request), token, error))
        return false;
    g_autofree char *link = admin_link(request_base_url(request), "link", token);
    const char *mailed = link_mail(admin, USER_MAIL_RESET, account_id, link);
    return request_reply_json(request, 200, json_pack("{s:s, s:s}", "link", link, "mail", mailed));
}

static bool user_delete(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    return account_remove(admin->options.auth, request_path_id(request, "id"),
                          request_actor(request), error) &&
           admin_done(request);
}

/* ---- keys ---- */

static const Field key_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"scope", FIELD_TEXT, .required = true, .choices = key_scope_names},
    {"prefix", FIELD_TEXT, .required = true, .doc = "how it begins; the rest is shown once"},
    {"created_at", FIELD_TIME, .required = true},
    {"used_at", FIELD_TIME, .doc = "last use, to the minute"},
};
static const Schema key_schema = SCHEMA_REPLY("Key", key_fields);
static const Field keys_fields[] = {
    {"keys", FIELD_LIST, .required = true, .of = &key_schema},
};
static const Schema keys_reply = SCHEMA_REPLY("Keys", keys_fields);

static bool keys_read(Db *db, json_t *list, GError **error)
{
    g_auto(DbCursor) cursor = {0};
    AdminKeysRow row;
    if (!sql_admin_keys_open(db, &cursor, error)) return false;
    while (sql_admin_keys_next(&cursor, &row))
        json_array_append_new(
            list, json_pack("{s:o, s:s, s:s, s:s, s:I, s:o}", "id", admin_id(row.key_id), "name",
                            row.name, "scope", row.scope, "prefix", row.prefix, "created_at",
                            (json_int_t)row.created_at, "used_at", admin_time(row.used_at)));
    return db_cursor_finish(&cursor, error);
}

static bool keys_get(Request *request, GError **error)
{
    return list_answer(request, "keys", keys_read, error);
}

typedef struct KeyBody {
    const char *name, *scope, *shop;
} KeyBody;
static const Field key_body_fields[] = {
    {"name", FIELD_TEXT, .required = true, .max = 60, .offset = offsetof(KeyBody, name)},
    {"scope", FIELD_TEXT, .required = true, .choices = key_scope_names,
     .offset = offsetof(KeyBody, scope),
     .doc = "track: public, for web pages; ingest: your server; api: reads and changes"},
    {"shop", FIELD_TEXT, .max = 80, .offset = offsetof(KeyBody, shop),
     .doc = "name of the shop it reports for; default: the first"},
};
static const Schema key_body = SCHEMA("KeyInput", KeyBody, key_body_fields);

static const Field key_made_fields[] = {
    {"key", FIELD_OBJECT, .required = true, .of = &key_schema},
    {"secret", FIELD_TEXT, .required = true, .doc = "shown this once"},
};
static const Schema key_made_reply = SCHEMA_REPLY("KeyMade", key_made_fields);

static bool keys_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const KeyBody *body = request_input(request);
    KeyInput input = {.name = body->name};
    KeyMade made = {0};
    bool known = key_scope_parse(body->scope, &input.scope);
    g_assert(known);
    if (body->shop && *body->shop &&
        !admin_shop_get(admin->options.store, body->shop, &input.shop_id, error))
        return false;
    if (!auth_key_create(admin->options.auth, &input, request_actor(request), &made, error))
        return false;
    json_t *key = json_pack("{s:o, s:s, s:s, s:s, s:I, s:n}", "id", admin_id(made.key_id), "name",
                            body->name, "scope", body->scope, "prefix", made.prefix, "created_at",
                            (json_int_t)request_now_ms(request), "used_at");
    return request_reply_json(request, 201,
                              json_pack("{s:o, s:s}", "key", key, "secret", made.secret));
}

static bool key_delete(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    return auth_key_revoke(admin->options.auth, request_path_id(request, "id"),
                           request_actor(request), error) &&
           admin_done(request);
}

static const Route routes[] = {
    {"GET", "/api/users", SCOPE_USER, .reply = &users_reply, .handle = users_get,
     .summary = "Who may use Kith"},
    {"POST", "/api/users", SCOPE_OWNER, .request = &user_input, .reply = &made_reply,
     .handle = users_post, .summary = "Invite somebody; the link is shown to hand over"},
    {"POST", "/api/users/{id}/reset", SCOPE_OWNER, .reply = &link_reply, .handle = user_reset,
     .summary = "A link by which somebody sets a new password"},
    {"DELETE", "/api/users/{id}", SCOPE_OWNER, .reply = &admin_done_reply, .handle = user_delete,
     .summary = "Remove somebody; their sessions end at once"},
    {"GET", "/api/keys", SCOPE_USER, .reply = &keys_reply, .handle = keys_get,
     .summary = "API keys"},
    {"POST", "/api/keys", SCOPE_OWNER, .request = &key_body, .reply = &key_made_reply,
     .handle = keys_post, .summary = "Make a key; its secret is shown this once"},
    {"DELETE", "/api/keys/{id}", SCOPE_OWNER, .reply = &admin_done_reply, .handle = key_delete,
     .summary = "End a key at once"},
};

void user_routes_add(Admin *admin, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), admin);
}
