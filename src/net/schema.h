/* net/schema.h: tables that say what a JSON object looks like, and what follows from them.
 *
 * One `Schema` is a const table of `Field`s that maps a JSON object (or a query string) onto a C
 * struct. From the same table come validation (every bad field reported together, unknown fields
 * refused), replies (struct to JSON), the OpenAPI document and the UI's TypeScript types.
 *
 *     typedef struct NoteInput { const char *body; int64_t at; } NoteInput;
 *     static const Field note_fields[] = {
 *         {"body", FIELD_TEXT, .required = true, .offset = offsetof(NoteInput, body), .max = 4000},
 *         {"at", FIELD_TIME, .offset = offsetof(NoteInput, at), .otherwise = -1},
 *     };
 *     static const Schema note_input = SCHEMA("NoteInput", NoteInput, note_fields);
 *
 * C type at `offset` per FieldType:
 *   FIELD_TEXT, FIELD_DATE   const char *      NULL when absent; UTF-8, no NUL; dates "YYYY-MM-DD"
 *   FIELD_INT, FIELD_TIME    int64_t           `otherwise` when absent; time is UTC ms
 *   FIELD_ID                 int64_t           decimal string in JSON; `otherwise` when absent
 *   FIELD_BOOL               bool              `otherwise != 0` when absent
 *   FIELD_NUMBER             double            (double)`otherwise` when absent
 *   FIELD_MONEY              FieldMoney        {"minor":12345,"currency":"GBP"}; currency "" absent
 *   FIELD_OBJECT             the struct of `of`, inlined; zeroed when absent
 *   FIELD_LIST               FieldList         of structs of `of`
 *   FIELD_TEXTS              FieldList         of const char *
 *   FIELD_JSON               json_t *          any JSON, borrowed; NULL when absent
 *
 * An absent field and JSON null are the same; `request_given` (net/request.h) tells whether a
 * field was named at all. In a reply schema a field that is not `required` may be null or absent;
 * reply schemas of handlers that build their own json_t need no offsets (`size` 0, SCHEMA_REPLY).
 * A schema may contain itself through FIELD_LIST. Thread rule: const tables, free to share.
 */
#pragma once
#include <glib.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum FieldType {
    FIELD_TEXT,
    FIELD_INT,
    FIELD_NUMBER,
    FIELD_BOOL,
    FIELD_ID,
    FIELD_TIME,
    FIELD_DATE,
    FIELD_MONEY,
    FIELD_OBJECT,
    FIELD_LIST,
    FIELD_TEXTS,
    FIELD_JSON
} FieldType;

enum {
    SCHEMA_TEXT_MAX = 10000, /* bytes of a text when a field says no `max` */
    SCHEMA_LIST_MAX = 1000,  /* items of a list when a field says no `max` */
    SCHEMA_BAD_MAX = 50,     /* bad fields listed in one reply; more are counted, not listed */
    SCHEMA_DEPTH_MAX = 8     /* nested objects and lists */
};

typedef struct Schema Schema;

typedef struct Field {
    const char *name;
    FieldType type;
    bool required;
    size_t offset;     /* into the struct of the schema */
    int64_t min, max;  /* value of a number, bytes of a text, items of a list; both 0: none */
    int64_t otherwise; /* value of a number, id, time or bool that is absent */
    const char *const *choices; /* NULL-terminated: FIELD_TEXT and FIELD_TEXTS take only these */
    const Schema *of;           /* FIELD_OBJECT, FIELD_LIST; NULL in a reply means "any object" */
    const char *doc;            /* one sentence for the API's reader, or NULL */
} Field;

struct Schema {
    const char *name; /* unique name of the type in OpenAPI and TypeScript, "PersonInput" */
    const Field *fields;
    size_t field_count;
    size_t size; /* sizeof the struct; 0 for a reply built by hand */
};

#define SCHEMA(type_name, struct_type, table)                                                      \
    {                                                                                              \
        .name = (type_name), .fields = (table), .field_count = G_N_ELEMENTS(table),                \
        .size = sizeof(struct_type)                                                                \
    }
#define SCHEMA_REPLY(type_name, table)                                                             \
    {                                                                                              \
        .name = (type_name), .fields = (table), .field_count = G_N_ELEMENTS(table)                 \
    }

typedef struct FieldMoney {
    int64_t minor;    /* minor units of the currency */
    char currency[4]; /* ISO 4217, three capital letters; "" when absent */
} FieldMoney;

typedef struct FieldList {
    size_t count;
    const void *items; /* array of structs, or of const char * */
} FieldList;

/* Everything wrong with one input: a list of {"field","message","reason"}, for the error reply. */
typedef struct SchemaErrors {
    json_t *fields; /* array, owned */
    unsigned count; /* all of them, also those beyond SCHEMA_BAD_MAX */
} SchemaErrors;

void schema_errors_clear(SchemaErrors *errors);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SchemaErrors, schema_errors_clear)

/* Adds one bad field; `field` is a path such as "items[2].price_minor". */
void schema_errors_add(SchemaErrors *errors, const char *field, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* Memory that lives as long as one input: freed at once. */
typedef struct SchemaMemory {
    GPtrArray *blocks; /* owned */
} SchemaMemory;

void schema_memory_clear(SchemaMemory *memory);
void *schema_memory_new(SchemaMemory *memory, size_t size); /* zeroed */

/* Reads `json` (borrowed; texts point into it) into `out`, a zeroed struct of schema->size.
 * False when anything is wrong; all of it is then in `errors`. */
bool schema_read(const Schema *schema, json_t *json, SchemaMemory *memory, void *out,
                 SchemaErrors *errors);

/* The JSON object of a struct; new reference. Fields that are absent become null. */
json_t *schema_write(const Schema *schema, const void *in);

/* Does a hand-built reply keep to its schema? Used by tests, so that the generated documents are
 * true. Missing required fields, wrong types and undeclared fields are listed. */
bool schema_check_reply(const Schema *schema, json_t *json, SchemaErrors *errors);
