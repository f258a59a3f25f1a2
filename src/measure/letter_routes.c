#include "base/clock.h"
#include "base/error.h"
#include "measure/letter.h"
#include "measure/letter_sql.h"
#include "measure/measure_sql.h"
#include "net/request.h"
#include "net/server.h"

#include <string.h>

static const Field letter_fields[] = {
    {"wanted", FIELD_BOOL, .required = true, .doc = "whether you get it on Monday mornings"},
    {"way", FIELD_TEXT, .required = true, .choices = mail_way_names,
     .doc = "how it would reach you now; none: no sender was tested"},
    {"subject", FIELD_TEXT, .doc = "null while there are no orders"},
    {"text", FIELD_TEXT},
};
static const Schema letter_reply = SCHEMA_REPLY("Letter", letter_fields);

typedef struct LetterInput {
    bool wanted;
} LetterInput;
static const Field input_fields[] = {
    {"wanted", FIELD_BOOL, .required = true, .offset = offsetof(LetterInput, wanted)},
};
static const Schema letter_input = SCHEMA("LetterInput", LetterInput, input_fields);

static void off_key(const Request *request, char *out, size_t size)
{
    g_snprintf(out, size, "letter.off.%" G_GINT64_FORMAT, request_actor(request)->id);
}

typedef struct ReaderInfo {
    bool wanted;
    char name[128], language[8];
} ReaderInfo;

static bool info_read(Db *db, Request *request, ReaderInfo *info, GError **error)
{
    char off[64];
    bool found = false;
    MeasureSettingRow setting;
    LetterReaderRow row;
    LetterReaderParams params = {.account_id = request_actor(request)->id};
    off_key(request, off, sizeof off);
    if (!sql_measure_setting(db, &(MeasureSettingParams){off}, &setting, &found, error))
        return false;
    info->wanted = !(found && strcmp(setting.value, "1") == 0);
    if (!sql_letter_reader(db, &params, &row, &found, error)) return false;
    g_strlcpy(info->name, found ? row.name : "", sizeof info->name);
    g_strlcpy(info->language, found ? row.language : "en", sizeof info->language);
    return true;
}

static bool letter_answer(Request *request, GError **error)
{
    LetterRoutes *routes = request_context(request);
    Store *store = measure_store(routes->measure);
    ReaderInfo info;
    MailWay way;
    g_auto(Letter) letter = {0};
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    bool done = info_read(db, request, &info, error);
    store_reader_end(store, db);
    LetterReader reader = {info.language, info.name, request_base_url(request)};
    if (!done || !delivery_way(routes->delivery, &way, error) ||
        !letter_write(routes->measure, &reader, &letter, error))
        return false;
    return request_reply_json(request, 200,
                              json_pack("{s:b, s:s, s:s?, s:s?}", "wanted", info.wanted, "way",
                                        mail_way_names[way], "subject", letter.subject, "text",
                                        letter.text));
}

static bool letter_get(Request *request, GError **error) { return letter_answer(request, error); }

static bool wanted_write(Db *db, void *data, GError **error)
{
    return sql_letter_setting_put(db, data, NULL, error);
}

static bool letter_put(Request *request, GError **error)
{
    LetterRoutes *routes = request_context(request);
    const LetterInput *input = request_input(request);
    char off[64];
    LetterSettingPutParams put = {
        .name = off, .value = input->wanted ? "0" : "1", .at = request_now_ms(request)};
    off_key(request, off, sizeof off);
    return writer_call(store_writer(measure_store(routes->measure)), WRITER_REST, wanted_write,
                       &put, error) &&
           letter_answer(request, error);
}

static const Route letter_routes[] = {
    {"GET", "/api/letter", SCOPE_OWNER, .reply = &letter_reply, .handle = letter_get,
     .summary = "The weekly letter as it would be written to you now"},
    {"PUT", "/api/letter", SCOPE_OWNER, .request = &letter_input, .reply = &letter_reply,
     .handle = letter_put, .summary = "Whether you want it"},
};

void letter_add_routes(Server *server, LetterRoutes *routes)
{
    server_add_routes(server, letter_routes, G_N_ELEMENTS(letter_routes), routes);
}
