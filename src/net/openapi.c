#include "net/openapi.h"

#include "net/reason.h"
#include "net/request.h"

#include <string.h>

typedef struct Writer {
    json_t *components; /* name -> schema */
    GHashTable *seen;   /* Schema -> itself */
} Writer;

static json_t *schema_ref(Writer *writer, const Schema *schema);

/* ---- fields ---- */

static json_t *typed(const char *type, const char *format)
{
    json_t *json = json_pack("{s:s}", "type", type);
    if (format) json_object_set_new(json, "format", json_string(format));
    return json;
}

static json_t *choices_json(const Field *field)
{
    json_t *list = json_array();
    for (const char *const *choice = field->choices; *choice; choice++)
        json_array_append_new(list, json_string(*choice));
    return list;
}

static json_t *text_json(const Field *field, bool input)
{
    json_t *json = typed("string", NULL);
    if (field->choices) json_object_set_new(json, "enum", choices_json(field));
    if (input && field->type == FIELD_TEXT && field->max)
        json_object_set_new(json, "maxLength", json_integer(field->max));
    if (input && field->required) json_object_set_new(json, "minLength", json_integer(1));
    return json;
}

static json_t *number_json(const Field *field)
{
    json_t *json = typed(field->type == FIELD_NUMBER ? "number" : "integer",
                         field->type == FIELD_NUMBER ? NULL : "int64");
    if (field->min == 0 && field->max == 0) return json;
    json_object_set_new(json, "minimum", json_integer(field->min));
    json_object_set_new(json, "maximum", json_integer(field->max));
    return json;
}

static json_t *list_json(json_t *items)
{
    return json_pack("{s:s, s:o}", "type", "array", "items", items);
}

static json_t *money_json(void) { return json_pack("{s:s}", "$ref", "#/components/schemas/Money"); }

static json_t *type_json(Writer *writer, const Field *field, bool input)
{
    switch (field->type) {
    case FIELD_TEXT:
        return text_json(field, input);
    case FIELD_DATE:
        return typed("string", "date");
    case FIELD_INT:
    case FIELD_NUMBER:
        return number_json(field);
    case FIELD_TIME:
        return typed("integer", "unix-ms");
    case FIELD_ID:
        return json_pack("{s:s, s:s}", "type", "string", "pattern", "^[1-9][0-9]{0,18}$");
    case FIELD_BOOL:
        return typed("boolean", NULL);
    case FIELD_MONEY:
        return money_json();
    case FIELD_OBJECT:
        return field->of ? schema_ref(writer, field->of) : typed("object", NULL);
    case FIELD_LIST:
        return list_json(field->of ? schema_ref(writer, field->of) : json_object());
    case FIELD_TEXTS:
        return list_json(text_json(&(Field){.choices = field->choices}, false));
    case FIELD_JSON:
        return json_object();
    }
    g_assert_not_reached();
}

/* Null stands for absent, everywhere. */
static json_t *field_json(Writer *writer, const Field *field, bool input)
{
    json_t *json = type_json(writer, field, input);
    if (!field->required && field->type != FIELD_JSON)
        json = json_pack("{s:[o, {s:s}]}", "anyOf", json, "type", "null");
    if (field->doc) json_object_set_new(json, "description", json_string(field->doc));
    return json;
}

/* ---- schemas ---- */

static json_t *schema_json(Writer *writer, const Schema *schema)
{
    json_t *properties = json_object(), *required = json_array();
    bool input = schema->size > 0;
    for (size_t i = 0; i < schema->field_count; i++) {
        const Field *field = &schema->fields[i];
        json_object_set_new(properties, field->name, field_json(writer, field, input));
        if (field->required) json_array_append_new(required, json_string(field->name));
    }
    return json_pack("{s:s, s:o, s:o, s:b}", "type", "object", "properties", properties, "required",
                     required, "additionalProperties", false);
}

static json_t *schema_ref(Writer *writer, const Schema *schema)
{
    if (g_hash_table_add(writer->seen, (void *)schema)) {
        json_t *json = schema_json(writer, schema);
        json_t *other = json_object_get(writer->components, schema->name);
        if (other && !json_equal(other, json))
            g_error("two different schemas are called %s", schema->name);
        json_object_set_new(writer->components, schema->name, json);
    }
    g_autofree char *ref = g_strconcat("#/components/schemas/", schema->name, NULL);
    return json_pack("{s:s}", "$ref", ref);
}

/* ---- routes ---- */

static const char *scope_text(RouteScope scope)
{
    switch (scope) {
    case SCOPE_PUBLIC:
        return NULL;
    case SCOPE_TRACK:
        return "a `track` or `ingest` key";
    case SCOPE_INGEST:
        return "an `ingest` key";
    case SCOPE_API:
        return "an `api` key";
    case SCOPE_USER:
        return "a session or an `api` key";
    case SCOPE_OWNER:
        return "a session of an owner";
    }
    g_assert_not_reached();
}

static void path_parameters(const Route *route, json_t *list)
{
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{')) {
        g_autofree char *name = g_strndup(at + 1, strcspn(at + 1, "}"));
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:b, s:{s:s}}", "name", name, "in", "path",
                                        "required", true, "schema", "type", "string"));
    }
}

static void query_parameters(Writer *writer, const Route *route, json_t *list)
{
    for (size_t i = 0; route->query && i < route->query->field_count; i++) {
        const Field *field = &route->query->fields[i];
        json_t *entry =
            json_pack("{s:s, s:s, s:b, s:o}", "name", field->name, "in", "query", "required",
                      field->required, "schema", type_json(writer, field, true));
        if (field->doc) json_object_set_new(entry, "description", json_string(field->doc));
        json_array_append_new(list, entry);
    }
}

static json_t *body_json(Writer *writer, const Route *route)
{
    if (route->request)
        return json_pack("{s:b, s:{s:{s:o}}}", "required", true, "content", "application/json",
                         "schema", schema_ref(writer, route->request));
    if (route->body == BODY_JSON) return NULL;
    return json_pack("{s:b, s:{s:{}}}", "required", true, "content", "application/octet-stream");
}

static json_t *replies_json(Writer *writer, const Route *route)
{
    json_t *good = json_pack("{s:s}", "description", "done");
    if (route->reply)
        json_object_set_new(
            good, "content",
            json_pack("{s:{s:o}}", "application/json", "schema", schema_ref(writer, route->reply)));
    return json_pack("{s:o, s:{s:s, s:{s:{s:{s:s}}}}}", "2XX", good, "default", "description",
                     "an error", "content", "application/json", "schema", "$ref",
                     "#/components/schemas/Error");
}

static json_t *security_json(const Route *route)
{
    json_t *list = json_array();
    if (route->scope == SCOPE_PUBLIC) return list;
    if (route->scope != SCOPE_OWNER) json_array_append_new(list, json_pack("{s:[]}", "key"));
    if (route->scope == SCOPE_USER || route->scope == SCOPE_OWNER)
        json_array_append_new(list, json_pack("{s:[], s:[]}", "session", "csrf"));
    return list;
}

static json_t *operation_json(Writer *writer, const Route *route)
{
    json_t *parameters = json_array();
    path_parameters(route, parameters);
    query_parameters(writer, route, parameters);
    json_t *operation =
        json_pack("{s:s, s:o, s:o, s:o}", "summary", route->summary ? route->summary : route->path,
                  "parameters", parameters, "responses", replies_json(writer, route), "security",
                  security_json(route));
    json_t *body = body_json(writer, route);
    if (body) json_object_set_new(operation, "requestBody", body);
    const char *scope = scope_text(route->scope);
    if (!scope) return operation;
    g_autofree char *text = g_strdup_printf("Needs %s.", scope);
    json_object_set_new(operation, "description", json_string(text));
    return operation;
}

static void route_add(Writer *writer, json_t *paths, const Route *route)
{
    g_autofree char *method = g_ascii_strdown(route->method, -1);
    json_t *path = json_object_get(paths, route->path);
    if (!path) {
        path = json_object();
        json_object_set_new(paths, route->path, path);
    }
    json_object_set_new(path, method, operation_json(writer, route));
}

/* ---- the document ---- */

static const Field bad_fields[] = {
    {"field", FIELD_TEXT, .required = true},
    {"message", FIELD_TEXT, .required = true},
    {"reason", FIELD_OBJECT, .of = &reason_schema},
};
static const Schema bad_schema = SCHEMA_REPLY("BadField", bad_fields);
static const Field error_fields[] = {
    {"code", FIELD_TEXT, .required = true},       {"message", FIELD_TEXT, .required = true},
    {"request_id", FIELD_TEXT, .required = true}, {"reason", FIELD_OBJECT, .of = &reason_schema},
    {"fields", FIELD_LIST, .of = &bad_schema},
};
static const Schema error_schema = SCHEMA_REPLY("ErrorDetail", error_fields);
static const Field reply_fields[] = {
    {"error", FIELD_OBJECT, .required = true, .of = &error_schema},
};
static const Schema reply_schema = SCHEMA_REPLY("Error", reply_fields);
static const Field money_fields[] = {
    {"minor", FIELD_INT, .required = true, .doc = "minor units of the currency"},
    {"currency", FIELD_TEXT, .required = true, .doc = "ISO 4217"},
};
static const Schema money_schema = SCHEMA_REPLY("Money", money_fields);

static json_t *security_schemes(void)
{
    return json_pack("{s:{s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}}", "key", "type", "http",
                     "scheme", "bearer", "session", "type", "apiKey", "in", "cookie", "name",
                     "kith", "csrf", "type", "apiKey", "in", "header", "name", "X-CSRF-Token");
}

json_t *openapi_document(const Server *server, const char *base_url)
{
    size_t count;
    g_autofree const Route **routes = server_routes(server, &count);
    Writer writer = {.components = json_object(),
                     .seen = g_hash_table_new(g_direct_hash, g_direct_equal)};
    json_t *paths = json_object();
    json_decref(schema_ref(&writer, &reply_schema));
    json_decref(schema_ref(&writer, &money_schema));
    for (size_t i = 0; i < count; i++)
        if (!(routes[i]->flags & ROUTE_UNLISTED)) route_add(&writer, paths, routes[i]);
    g_hash_table_unref(writer.seen);
    return json_pack("{s:s, s:{s:s, s:s, s:{s:s}}, s:[{s:s}], s:o, s:{s:o, s:o}}", "openapi",
                     "3.1.0", "info", "title", "Kith", "version", KITH_VERSION, "license", "name",
                     "AGPL-3.0-or-later", "servers", "url", base_url, "paths", paths, "components",
                     "schemas", writer.components, "securitySchemes", security_schemes());
}

static bool openapi_get(Request *request, GError **error)
{
    (void)error;
    const Server *server = request_context(request);
    return request_reply_json(request, 200, openapi_document(server, request_base_url(request)));
}

static const Route routes[] = {
    {"GET", "/api/openapi.json", SCOPE_PUBLIC, .handle = openapi_get, .summary = "This document"},
};

void openapi_serve(Server *server)
{
    server_add_routes(server, routes, G_N_ELEMENTS(routes), server);
}
