#include "messages/settings.h"

#include <string.h>

#include "base/clock.h"
#include "messages/messages_private.h"
#include "messages/messages_sql.h"
#include "net/audit.h"
#include "net/request.h"

#define SETTING_MANNERS "messages.manners"
#define SETTING_DESIGN  "messages.design"

#define SETTING_ROUND_TRIP "messages.round_trip"

char *messages_setting(Db *db, const char *name, GError **error)
{
    MessagesSettingParams params = {name};
    MessagesSettingRow row;
    bool found;
    if (!sql_messages_setting(db, &params, &row, &found, error)) return NULL;
    return g_strdup(found ? row.value : "");
}

bool messages_setting_put(Db *db, const char *name, const char *value, GError **error)
{
    MessagesSettingPutParams params = {name, value, clock_now_ms()};
    return sql_messages_setting_put(db, &params, NULL, error);
}

/* The object of a setting, empty when it is not set; NULL on failure. */
static json_t *setting_object(Db *db, const char *name, GError **error)
{
    g_autofree char *text = messages_setting(db, name, error);
    if (!text) return NULL;
    json_t *json = json_loads(text, 0, NULL);
    if (json_is_object(json)) return json;
    json_decref(json);
    return json_object();
}

static int64_t number_or(const json_t *json, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(json, name);
    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool settings_manners(Db *db, Manners *ret_manners, GError **error)
{
    Manners manners = MANNERS_DEFAULT;
    json_t *json = setting_object(db, SETTING_MANNERS, error);
    if (!json) return false;
    manners.quiet_from = number_or(json, "quiet_from", manners.quiet_from);
    manners.quiet_to = number_or(json, "quiet_to", manners.quiet_to);
    manners.per_week = number_or(json, "per_week", manners.per_week);
    manners.gap_hours = number_or(json, "gap_hours", manners.gap_hours);
    json_decref(json);
    *ret_manners = manners;
    return true;
}

static void text_or(const json_t *json, const char *name, const char *otherwise, char *place,
                    size_t size)
{
    const char *text = json_string_value(json_object_get(json, name));
    g_strlcpy(place, text ? text : otherwise, size);
}

bool settings_design(Db *db, Design *ret_design, GError **error)
{
    Design *design = ret_design;
    json_t *json = setting_object(db, SETTING_DESIGN, error);
    if (!json) return false;
    text_or(json, "logo_url", "", design->logo_url, sizeof design->logo_url);
    text_or(json, "colour", "#1f5f4f", design->colour, sizeof design->colour);
    text_or(json, "background", "#f4f1ea", design->background, sizeof design->background);
    json_decref(json);
    return true;
}

/* ---- the round trip ---- */

/* What a proof was made with: another way out or address asks for another proof. */
static char *set_up_as(Messages *messages, const CarrierFacts *facts)
{
    return g_strdup_printf("%s %s", facts->way, messages->base_url ? messages->base_url : "");
}

static bool facts_load(Messages *messages, Db *db, CarrierFacts *ret_facts, GError **error)
{
    const Carrier *carrier = &messages->options.carrier;
    *ret_facts = (CarrierFacts){0};
    return carrier->facts(carrier->context, db, ret_facts, error);
}

bool settings_prove(Messages *messages, Db *db, GError **error)
{
    CarrierFacts facts;
    if (!facts_load(messages, db, &facts, error)) return false;
    g_autofree char *with = set_up_as(messages, &facts);
    return messages_setting_put(db, SETTING_ROUND_TRIP, with, error);
}

bool settings_readiness(Messages *messages, Db *db, Readiness *ret_readiness, GError **error)
{
    CarrierFacts facts;
    if (!facts_load(messages, db, &facts, error)) return false;
    g_autofree char *with = set_up_as(messages, &facts);
    g_autofree char *was = messages_setting(db, SETTING_ROUND_TRIP, error);
    if (!was) return false;
    *ret_readiness = (Readiness){.postal = *facts.postal != '\0',
                                 .sender_test = facts.ready,
                                 .address = facts.address,
                                 .local = facts.local,
                                 .round_trip = strcmp(with, was) == 0};
    return true;
}

/* ---- routes ---- */

static const Field manners_fields[] = {
    {"quiet_from", FIELD_INT, .required = true, .min = 0, .max = MANNERS_DAY_MINUTES - 1,
     .offset = offsetof(Manners, quiet_from), .doc = "Minutes of the day; not at night from here"},
    {"quiet_to", FIELD_INT, .required = true, .min = 0, .max = MANNERS_DAY_MINUTES - 1,
     .offset = offsetof(Manners, quiet_to), .doc = "Minutes of the day; equal: no quiet hours"},
    {"per_week", FIELD_INT, .required = true, .min = 0, .max = MANNERS_WEEK_MAX,
     .offset = offsetof(Manners, per_week), .doc = "Mails in seven days; 0: any number"},
    {"gap_hours", FIELD_INT, .required = true, .min = 0, .max = MANNERS_GAP_HOURS_MAX,
     .offset = offsetof(Manners, gap_hours), .doc = "Between two mails; 0: none"},
};
static const Schema manners_schema = SCHEMA("Manners", Manners, manners_fields);

typedef struct DesignInput {
    const char *logo_url, *colour, *background;
} DesignInput;
static const Field design_fields[] = {
    {"logo_url", FIELD_TEXT, .max = DESIGN_URL_MAX, .offset = offsetof(DesignInput, logo_url)},
    {"colour", FIELD_TEXT, .max = 7, .offset = offsetof(DesignInput, colour), .doc = "#1f5f4f"},
    {"background", FIELD_TEXT, .max = 7, .offset = offsetof(DesignInput, background)},
};
static const Schema design_schema = SCHEMA("MailDesign", DesignInput, design_fields);

static const Field readiness_fields[] = {
    {"ready", FIELD_BOOL, .required = true},
    {"postal_address", FIELD_BOOL, .required = true},
    {"sender_test", FIELD_BOOL, .required = true,
     .doc = "A test mail was taken, or none is needed"},
    {"address", FIELD_BOOL, .required = true,
     .doc = "Domain and links were checked and are good, or need not be"},
    {"local", FIELD_BOOL, .required = true,
     .doc = "Mails stay on this machine: neither test nor address is needed"},
    {"round_trip", FIELD_BOOL, .required = true,
     .doc = "Somebody unsubscribed from a test mail, and that came back"},
};
static const Schema readiness_schema = SCHEMA_REPLY("MailReadiness", readiness_fields);

typedef struct SettingPut {
    const Request *request;
    const char *name, *action;
    char *value;
    int64_t audit_id;
} SettingPut;

static bool setting_run(Db *db, void *data, GError **error)
{
    SettingPut *put = data;
    AuditEntry entry = {.audit_id = put->audit_id,
                        .at = request_now_ms(put->request),
                        .by = request_actor(put->request),
                        .action = put->action,
                        .kind = "business"};
    return messages_setting_put(db, put->name, put->value, error) && audit_add(db, &entry, error);
}

static bool setting_write(Request *request, const char *name, json_t *steal, GError **error)
{
    Messages *messages = request_context(request);
    g_autofree char *text = json_dumps(steal, JSON_COMPACT);
    json_decref(steal);
    SettingPut put = {request, name, "mail.settings", text,
                      store_id_next(messages_store(messages))};
    return writer_call(messages_writer(messages), WRITER_REST, setting_run, &put, error);
}

static bool manners_get(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    Manners manners;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = settings_manners(db, &manners, error);
    store_reader_end(messages_store(messages), db);
    return done && request_reply_struct(request, 200, &manners);
}

static bool manners_put(Request *request, GError **error)
{
    const Manners *input = request_input(request);
    json_t *json =
        json_pack("{s:I, s:I, s:I, s:I}", "quiet_from", (json_int_t)input->quiet_from, "quiet_to",
                  (json_int_t)input->quiet_to, "per_week", (json_int_t)input->per_week, "gap_hours",
                  (json_int_t)input->gap_hours);
    return setting_write(request, SETTING_MANNERS, json, error) && manners_get(request, error);
}

static bool design_get(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    Design design;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = settings_design(db, &design, error);
    store_reader_end(messages_store(messages), db);
    return done &&
           request_reply_json(request, 200,
                              json_pack("{s:s, s:s, s:s}", "logo_url", design.logo_url, "colour",
                                        design.colour, "background", design.background));
}

static bool colour_check(const char *text)
{
    return !text ||
           (strlen(text) == 7 && *text == '#' && strspn(text + 1, "0123456789abcdefABCDEF") == 6);
}

static bool design_check(Request *request, const DesignInput *input, GError **error)
{
    if (!colour_check(input->colour))
        return request_fail_field(request, "colour", "is a colour such as #1f5f4f", error);
    if (!colour_check(input->background))
        return request_fail_field(request, "background", "is a colour such as #f4f1ea", error);
    if (input->logo_url && *input->logo_url && !g_str_has_prefix(input->logo_url, "https://") &&
        !g_str_has_prefix(input->logo_url, "http://"))
        return request_fail_field(request, "logo_url", "begins with https://", error);
    return true;
}

static void text_set(json_t *json, const char *name, const char *text)
{
    if (text) json_object_set_new(json, name, json_string(text));
}

static bool design_put(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    const DesignInput *input = request_input(request);
    if (!design_check(request, input, error)) return false;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    json_t *json = setting_object(db, SETTING_DESIGN, error);
    store_reader_end(messages_store(messages), db);
    if (!json) return false;
    text_set(json, "logo_url", input->logo_url);
    text_set(json, "colour", input->colour);
    text_set(json, "background", input->background);
    return setting_write(request, SETTING_DESIGN, json, error) && design_get(request, error);
}

static bool readiness_get(Request *request, GError **error)
{
    Messages *messages = request_context(request);
    Readiness readiness;
    Db *db = store_reader_begin(messages_store(messages), error);
    if (!db) return false;
    bool done = settings_readiness(messages, db, &readiness, error);
    store_reader_end(messages_store(messages), db);
    return done &&
           request_reply_json(
               request, 200,
               json_pack("{s:b, s:b, s:b, s:b, s:b, s:b}", "ready",
                         (int)readiness_whole(&readiness), "postal_address", (int)readiness.postal,
                         "sender_test", (int)(readiness.local || readiness.sender_test), "address",
                         (int)(readiness.local || readiness.address), "local", (int)readiness.local,
                         "round_trip", (int)readiness.round_trip));
}

static const Route routes[] = {
    {"GET", "/api/mail/manners", SCOPE_USER, .reply = &manners_schema, .handle = manners_get,
     .summary = "How often and when people are written to"},
    {"PUT", "/api/mail/manners", SCOPE_USER, .request = &manners_schema, .reply = &manners_schema,
     .handle = manners_put, .summary = "Change how often and when people are written to"},
    {"GET", "/api/mail/design", SCOPE_USER, .reply = &design_schema, .handle = design_get,
     .summary = "Logo and colours of mails"},
    {"PUT", "/api/mail/design", SCOPE_USER, .request = &design_schema, .reply = &design_schema,
     .handle = design_put, .summary = "Change logo and colours of mails"},
    {"GET", "/api/mail/readiness", SCOPE_USER, .reply = &readiness_schema, .handle = readiness_get,
     .summary = "What a mailing to a group still needs"},
};

void settings_add_routes(Messages *messages, Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), messages);
}
