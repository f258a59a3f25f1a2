/* delivery/inbound_source.c: whose mailbox is read, as a setting; the password is sealed. */
#include "delivery/inbound.h"

#include "delivery/inbound_sql.h"
#include "delivery/inbound_state.h"
#include "store/secret.h"

#include <jansson.h>
#include <string.h>

static const char setting_source[] = "inbound";
static const char setting_state[] = "inbound.state";
static const char seal_password[] = "inbound.password";
static const char seal_state[] = "inbound.state";

static void text_take(json_t *json, const char *name, char *out, size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    g_strlcpy(out, text ? text : "", size);
}

static int number_take(json_t *json, const char *name, int end)
{
    json_int_t number = json_integer_value(json_object_get(json, name));
    return number >= 0 && number < end ? (int)number : 0;
}

static bool setting_read(Db *db, const char *name, char **ret_value, GError **error)
{
    InboundSettingRow row;
    bool found = false;
    if (!sql_inbound_setting(db, &(InboundSettingParams){name}, &row, &found, error)) return false;
    *ret_value = found ? g_strdup(row.value) : NULL;
    return true;
}

bool inbound_source_load(Store *store, Db *db, InboundSource *ret_source, GError **error)
{
    g_autofree char *text = NULL;
    InboundSource source;
    memset(&source, 0, sizeof source); /* all of it: two of them are compared as bytes */
    source.port = 993;
    source.security = SMTP_TLS;
    if (!setting_read(db, setting_source, &text, error)) return false;
    json_auto_t *json = text ? json_loads(text, 0, NULL) : NULL;
    if (json) {
        const char *sealed = json_string_value(json_object_get(json, "password"));
        source.port = json_integer_value(json_object_get(json, "port"));
        source.security = (SmtpSecurity)number_take(json, "security", SMTP_SECURITIES);
        text_take(json, "host", source.host, sizeof source.host);
        text_take(json, "user", source.user, sizeof source.user);
        g_autofree char *password =
            sealed ? store_unseal(store, seal_password, sealed, error) : NULL;
        if (sealed && !password) return false;
        g_strlcpy(source.password, password ? password : "", sizeof source.password);
    }
    memcpy(ret_source, &source, sizeof source);
    return true;
}

static bool host_is_good(const char *host)
{
    for (const char *c = host; *c; c++)
        if (!g_ascii_isalnum(*c) && !strchr(".-:_", *c)) return false;
    return true;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.");
}

unsigned inbound_source_check(const InboundSource *source,
                              void (*bad)(void *data, const char *field, const char *message),
                              void *data)
{
    bool open = source->security == SMTP_PLAIN && !is_loopback(source->host);
    const struct {
        bool wrong;
        const char *field, *message;
    } checks[] = {
        {!host_is_good(source->host), "host", "the name of a server"},
        {source->port < 1 || source->port > 65535, "port", "a number from 1 to 65535"},
        {!*source->user, "user", "who signs in, mostly the address itself"},
        {!*source->password, "password", "is needed to sign in"},
        {open, "security", "a password is not sent without encryption"},
    };
    unsigned count = 0;
    for (size_t i = 0; *source->host && i < G_N_ELEMENTS(checks); i++) {
        if (!checks[i].wrong) continue;
        bad(data, checks[i].field, checks[i].message);
        count++;
    }
    return count;
}

static bool setting_write(Db *db, const char *name, const char *value, int64_t now, GError **error)
{
    InboundSettingPutParams params = {.name = name, .value = value, .at = now};
    return sql_inbound_setting_put(db, &params, NULL, error);
}

bool inbound_source_save(Store *store, Db *db, const InboundSource *source, int64_t now,
                         GError **error)
{
    g_autofree char *sealed = store_seal(store, seal_password, source->password);
    json_auto_t *json = json_pack("{s:s, s:I, s:i, s:s, s:s}", "host", source->host, "port",
                                  (json_int_t)source->port, "security", (int)source->security,
                                  "user", source->user, "password", sealed);
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    InboundSettingDropParams drop = {.name = setting_state};
    return setting_write(db, setting_source, text, now, error) &&
           sql_inbound_setting_drop(db, &drop, NULL, error);
}

bool inbound_state_load(Store *store, Db *db, InboundState *ret_state, GError **error)
{
    g_autofree char *sealed = NULL;
    *ret_state = (InboundState){0};
    if (!setting_read(db, setting_state, &sealed, error)) return false;
    if (!sealed) return true;
    g_autofree char *text = store_unseal(store, seal_state, sealed, error);
    if (!text) return false;
    json_auto_t *json = json_loads(text, 0, NULL);
    ret_state->checked_at = json_integer_value(json_object_get(json, "at"));
    ret_state->result.outcome = (ImapOutcome)number_take(json, "outcome", IMAP_OUTCOMES);
    ret_state->result.phase = (ImapPhase)number_take(json, "phase", IMAP_PHASES);
    text_take(json, "text", ret_state->result.text, sizeof ret_state->result.text);
    return true;
}

bool inbound_state_save(Store *store, Db *db, const InboundState *state, GError **error)
{
    const ImapResult *result = &state->result;
    json_auto_t *json =
        json_pack("{s:I, s:i, s:i, s:s}", "at", (json_int_t)state->checked_at, "outcome",
                  (int)result->outcome, "phase", (int)result->phase, "text", result->text);
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    g_autofree char *sealed = store_seal(store, seal_state, text);
    return setting_write(db, setting_state, sealed, state->checked_at, error);
}
