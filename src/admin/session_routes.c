#include "admin/admin_private.h"
#include "admin/admin_sql.h"
#include "base/error.h"
#include "net/account.h"

#include <string.h>

static const char *const languages[] = {"en", "de", NULL};

/* ---- what the browser is told about itself ---- */

static const Field user_fields[] = {
    {"id", FIELD_ID, .required = true},
    {"name", FIELD_TEXT, .required = true},
    {"email", FIELD_TEXT, .required = true},
    {"role", FIELD_TEXT, .required = true, .choices = role_names},
    {"language", FIELD_TEXT, .required = true, .choices = languages},
};
static const Schema user_reply = SCHEMA_REPLY("SessionUser", user_fields);

static const Field business_fields[] = {
    {"name", FIELD_TEXT, .required = true},
    {"currency", FIELD_TEXT, .required = true},
    {"zone", FIELD_TEXT, .required = true},
    {"language", FIELD_TEXT, .required = true, .choices = languages},
    {"gap_days", FIELD_INT, .doc = "usual days between purchases; null: fitted to the data"},
};
static const Schema business_reply = SCHEMA_REPLY("SessionBusiness", business_fields);

static const Field session_fields[] = {
    {"user", FIELD_OBJECT, .of = &user_reply, .doc = "null: nobody is signed in"},
    {"csrf", FIELD_TEXT, .required = true, .doc = "goes into x-csrf-token of every change"},
    {"needs_setup", FIELD_BOOL, .required = true},
    {"business", FIELD_OBJECT, .of = &business_reply, .doc = "null: not set up yet"},
    {"demo", FIELD_BOOL, .required = true},
    {"version", FIELD_TEXT, .required = true},
};
static const Schema session_reply = SCHEMA_REPLY("Session", session_fields);

static json_t *user_json(Db *db, int64_t account_id, GError **error)
{
    AdminAccountParams params = {.account_id = account_id};
    AdminAccountRow row = {0};
    bool found = false;
    if (!sql_admin_account(db, &params, &row, &found, error)) return NULL;
    if (!found) return json_null();
    return json_pack("{s:o, s:s, s:s, s:s, s:s}", "id", admin_id(account_id), "name", row.name,
                     "email", row.email, "role", row.role, "language", row.language);
}

static json_t *business_json(Db *db, GError **error)
{
    Business business = {0};
    if (!business_load(db, &business, error)) return NULL;
    if (!*business.name && !*business.currency) return json_null();
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", business.name, "currency",
                     business.currency, "zone", business.zone, "language", business.language,
                     "gap_days", business.gap_days ? json_integer(business.gap_days) : json_null());
}

/* Both parts in one snapshot; the business is told only to those who are signed in. */
static bool session_parts(Admin *admin, int64_t account_id, json_t **ret_user,
                          json_t **ret_business, GError **error)
{
    json_auto_t *user = NULL;
    json_auto_t *business = NULL;
    Db *db = store_reader_begin(admin->options.store, error);
    if (!db) return false;
    user = account_id ? user_json(db, account_id, error) : json_null();
    if (user) business = account_id ? business_json(db, error) : json_null();
    store_reader_end(admin->options.store, db);
    if (!user || !business) return false;
    *ret_user = g_steal_pointer(&user);
    *ret_business = g_steal_pointer(&business);
    return true;
}

static bool session_answer(Request *request, int64_t account_id, const char *csrf, GError **error)
{
    Admin *admin = request_context(request);
    json_t *user, *business;
    bool needed = false;
    if (!session_parts(admin, account_id, &user, &business, error)) return false;
    if (!admin->demo_account_id && !account_needs_setup(admin->options.auth, &needed, error)) {
        json_decref(user);
        json_decref(business);
        return false;
    }
    return request_reply_json(request, 200,
                              json_pack("{s:o, s:s, s:b, s:o, s:b, s:s}", "user", user, "csrf",
                                        csrf, "needs_setup", needed, "business", business, "demo",
                                        admin->demo_account_id != 0, "version", KITH_VERSION));
}

/* A page of another site cannot reach the demo by a name of its own (DNS rebinding). */
static bool is_this_machine(Request *request)
{
    static const char *const names[] = {"http://127.0.0.1:", "http://localhost:", "http://[::1]:"};
    const char *url = request_base_url(request);
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_str_has_prefix(url, names[i])) return true;
    return false;
}

static bool session_get(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const Actor *actor = request_actor(request);
    SessionNew session = {0};
    if (actor->kind == ACTOR_USER)
        return session_answer(request, actor->id, request_csrf(request), error);
    if (!admin->demo_account_id || !is_this_machine(request))
        return session_answer(request, 0, "", error);
    return auth_session_begin(admin->options.auth, request, admin->demo_account_id, &session,
                              error) &&
           session_answer(request, admin->demo_account_id, session.csrf, error);
}

static bool session_begin(Request *request, int64_t account_id, GError **error)
{
    Admin *admin = request_context(request);
    SessionNew session = {0};
    return auth_session_begin(admin->options.auth, request, account_id, &session, error) &&
           session_answer(request, account_id, session.csrf, error);
}

/* ---- signing in and out ---- */

typedef struct LoginInput {
    const char *email, *password;
} LoginInput;
static const Field login_fields[] = {
    {"email", FIELD_TEXT, .required = true, .max = 300, .offset = offsetof(LoginInput, email)},
    {"password", FIELD_TEXT, .required = true, .max = 600,
     .offset = offsetof(LoginInput, password)},
};
static const Schema login_input = SCHEMA("LoginInput", LoginInput, login_fields);

static bool session_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const LoginInput *input = request_input(request);
    int64_t account_id = 0;
    return account_login(admin->options.auth, input->email, input->password, &account_id, error) &&
           session_begin(request, account_id, error);
}

static bool session_delete(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    return auth_session_end(admin->options.auth, request, error) && admin_done(request);
}

/* ---- set-up ---- */

typedef struct SetupInput {
    const char *token, *name, *email, *password, *language;
} SetupInput;
static const Field setup_fields[] = {
    {"token", FIELD_TEXT, .required = true, .max = 100, .offset = offsetof(SetupInput, token),
     .doc = "from the link that the first start printed"},
    {"name", FIELD_TEXT, .required = true, .max = ACCOUNT_NAME_MAX,
     .offset = offsetof(SetupInput, name)},
    {"email", FIELD_TEXT, .required = true, .max = 300, .offset = offsetof(SetupInput, email)},
    {"password", FIELD_TEXT, .required = true, .max = ACCOUNT_PASSWORD_MAX,
     .offset = offsetof(SetupInput, password)},
    {"language", FIELD_TEXT, .choices = languages, .offset = offsetof(SetupInput, language)},
};
static const Schema setup_input = SCHEMA("SetupInput", SetupInput, setup_fields);

/* Says which field it was when an address or a password is refused. */
static bool account_failed(Request *request, GError **error)
{
    static const char *const fields[] = {"email", "password", "name"};
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        size_t size = strlen(fields[i]);
        if (!g_str_has_prefix((*error)->message, fields[i])) continue;
        g_autofree char *message = g_strdup((*error)->message + size + 2);
        if ((*error)->code != KITH_ERROR_INVALID || (*error)->message[size] != ':') return false;
        g_clear_error(error);
        return request_fail_field(request, fields[i], message, error);
    }
    return false;
}

static bool setup_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const SetupInput *input = request_input(request);
    AccountInput account = {.name = input->name,
                            .email = input->email,
                            .password = input->password,
                            .role = ROLE_OWNER,
                            .language = input->language ? input->language : "en"};
    int64_t account_id = 0;
    if (!account_setup(admin->options.auth, input->token, &account, &account_id, error))
        return account_failed(request, error);
    return session_begin(request, account_id, error);
}

/* ---- invites and resets ---- */

static const Field link_fields[] = {
    {"purpose", FIELD_TEXT, .required = true, .choices = link_purpose_names},
    {"email", FIELD_TEXT},
    {"name", FIELD_TEXT},
};
static const Schema link_reply = SCHEMA_REPLY("Link", link_fields);

static bool link_get(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const char *token = request_path_text(request, "token");
    LinkInfo info = {0};
    if (!account_link_get(admin->options.auth, token, &info, error)) return false;
    return request_reply_json(request, 200,
                              json_pack("{s:s, s:s, s:s}", "purpose",
                                        link_purpose_names[info.purpose], "email", info.email,
                                        "name", info.name));
}

typedef struct LinkInput {
    const char *name, *password;
} LinkInput;
static const Field take_fields[] = {
    {"name", FIELD_TEXT, .max = ACCOUNT_NAME_MAX, .offset = offsetof(LinkInput, name)},
    {"password", FIELD_TEXT, .required = true, .max = ACCOUNT_PASSWORD_MAX,
     .offset = offsetof(LinkInput, password)},
};
static const Schema take_input = SCHEMA("LinkInput", LinkInput, take_fields);

static bool link_post(Request *request, GError **error)
{
    Admin *admin = request_context(request);
    const LinkInput *input = request_input(request);
    const char *name = input->name && *input->name ? input->name : NULL;
    int64_t account_id = 0;
    if (!account_link_take(admin->options.auth, request_path_text(request, "token"), name,
                           input->password, &account_id, error))
        return account_failed(request, error);
    return session_begin(request, account_id, error);
}

static const Route routes[] = {
    {"GET", "/api/session", SCOPE_PUBLIC, .reply = &session_reply, .handle = session_get,
     .summary = "Who is signed in, and what the pages need to begin"},
    {"POST", "/api/session", SCOPE_PUBLIC, .request = &login_input, .reply = &session_reply,
     .handle = session_post, .flags = ROUTE_LOGIN, .summary = "Sign in"},
    {"DELETE", "/api/session", SCOPE_PUBLIC, .reply = &admin_done_reply, .handle = session_delete,
     .summary = "Sign out"},
    {"POST", "/api/setup", SCOPE_PUBLIC, .request = &setup_input, .reply = &session_reply,
     .handle = setup_post, .flags = ROUTE_LOGIN, .summary = "Make the first owner"},
    {"GET", "/api/links/{token}", SCOPE_PUBLIC, .reply = &link_reply, .handle = link_get,
     .flags = ROUTE_LOGIN, .summary = "What a one-time link is for"},
    {"POST", "/api/links/{token}", SCOPE_PUBLIC, .request = &take_input, .reply = &session_reply,
     .handle = link_post, .flags = ROUTE_LOGIN,
     .summary = "Take up an invite, or set a new password"},
};

void session_routes_add(Admin *admin, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), admin);
}
