#include "delivery/address.h"

#include "base/error.h"
#include "delivery/delivery_private.h"
#include "delivery/delivery_sql.h"
#include "delivery/dkim.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

enum { SILENT_MAX = 3 };

#define SETTING_CHECK "address.check"
#define SETTING_MAIL  "address.mail"

/* ---- what is in use ---- */

void address_now_clear(AddressNow *now)
{
    g_clear_pointer(&now->url, g_free);
    g_clear_pointer(&now->with, g_free);
}

void address_now(Delivery *delivery, const Sender *sender, AddressNow *ret_now)
{
    const char *at = strrchr(sender->from_address, '@');
    g_autofree char *ascii = at ? g_hostname_to_ascii(at + 1) : NULL;
    g_autofree char *lower = g_ascii_strdown(ascii ? ascii : "", -1);
    *ret_now = (AddressNow){.local = sender_is_local(sender)};
    g_strlcpy(ret_now->domain, lower, sizeof ret_now->domain);
    g_mutex_lock(&delivery->here_mutex);
    ret_now->url = g_strdup(delivery->base_url);
    g_mutex_unlock(&delivery->here_mutex);
    ret_now->with = g_strdup_printf("%s %s %s %s %s", ret_now->domain, sender->preset, sender->host,
                                    sender->dkim_selector, ret_now->url ? ret_now->url : "");
}

/* ---- findings as settings ---- */

static bool finding_read(Db *db, const char *name, json_t **ret_json, GError **error)
{
    DeliverySettingParams params = {name};
    DeliverySettingRow row;
    bool found = false;
    if (!sql_delivery_setting(db, &params, &row, &found, error)) return false;
    *ret_json = found ? json_loads(row.value, 0, NULL) : NULL;
    if (!*ret_json) *ret_json = json_null();
    return true;
}

static bool finding_write(Db *db, const char *name, const json_t *json, GError **error)
{
    g_autofree char *text = json_dumps(json, JSON_COMPACT);
    DeliverySettingPutParams params = {.name = name, .value = text, .at = clock_now_ms()};
    return sql_delivery_setting_put(db, &params, NULL, error);
}

json_t *address_findings(Db *db, GError **error)
{
    json_auto_t *check = NULL, *mail = NULL;
    if (!finding_read(db, SETTING_CHECK, &check, error) ||
        !finding_read(db, SETTING_MAIL, &mail, error))
        return NULL;
    return json_pack("{s:O, s:O}", "check", check, "mail", mail);
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));
    return text ? text : "";
}

static bool state_is_good(const json_t *finding, const char *part)
{
    const char *state = text_of(json_object_get(finding, part), "state");
    return strcmp(state, check_state_names[CHECK_OK]) == 0 ||
           strcmp(state, check_state_names[CHECK_NOT_NEEDED]) == 0;
}

bool address_is_good(Delivery *delivery, Db *db, const Sender *sender, bool *ret_good,
                     GError **error)
{
    json_auto_t *check = NULL;
    g_auto(AddressNow) now = {0};
    if (!finding_read(db, SETTING_CHECK, &check, error)) return false;
    address_now(delivery, sender, &now);
    *ret_good = strcmp(text_of(check, "with"), now.with) == 0 && state_is_good(check, "url") &&
                state_is_good(check, "spf") && state_is_good(check, "dkim") &&
                state_is_good(check, "dmarc");
    return true;
}

/* ---- the page that only this process can give ---- */

static void random_text(char *text)
{
    uint8_t bytes[ADDRESS_NONCE_SIZE / 2];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2hex(text, ADDRESS_NONCE_SIZE + 1, bytes, sizeof bytes);
}

char *address_here(Delivery *delivery, const char *nonce)
{
    char *answer = NULL;
    g_mutex_lock(&delivery->here_mutex);
    bool asked = *delivery->nonce && strlen(nonce) == ADDRESS_NONCE_SIZE &&
                 sodium_memcmp(nonce, delivery->nonce, ADDRESS_NONCE_SIZE) == 0;
    if (asked) answer = g_strdup(delivery->answer);
    g_mutex_unlock(&delivery->here_mutex);
    return answer;
}

CheckState address_url_judge(const char *url, const FetchAnswer *answer, const char *expected,
                             const char **ret_code)
{
    static const char *const failures[] = {[FETCH_ANSWERED] = "ok",
                                           [FETCH_NO_NAME] = "no_name",
                                           [FETCH_NO_CONNECTION] = "no_connection",
                                           [FETCH_TIMEOUT] = "timeout",
                                           [FETCH_CERTIFICATE] = "certificate",
                                           [FETCH_FAILED] = "no_tls"};
    bool ours = answer->status == 200 && strcmp(answer->body, expected) == 0;
    *ret_code = failures[answer->outcome];
    if (answer->outcome != FETCH_ANSWERED) return CHECK_WRONG;
    *ret_code = answer->status / 100 == 3 ? "redirects" : "someone_else";
    if (!ours) return CHECK_WRONG;
    *ret_code = "loopback";
    if (answer->place == PLACE_LOOPBACK) return CHECK_WRONG;
    *ret_code = "no_https";
    if (!g_str_has_prefix(url, "https://")) return CHECK_WRONG;
    *ret_code = answer->place == PLACE_PUBLIC ? "ok" : "private";
    return CHECK_OK;
}

static bool job_stops(void *data) { return job_stopping(data); }

/* One at a time: there is one job of this kind. */
static json_t *url_check(Delivery *delivery, Job *job, const char *base_url)
{
    const char *code;
    FetchAnswer answer;
    char nonce[ADDRESS_NONCE_SIZE + 1], expected[ADDRESS_NONCE_SIZE + 1];
    random_text(nonce);
    random_text(expected);
    g_mutex_lock(&delivery->here_mutex);
    g_strlcpy(delivery->nonce, nonce, sizeof delivery->nonce);
    g_strlcpy(delivery->answer, expected, sizeof delivery->answer);
    g_mutex_unlock(&delivery->here_mutex);
    g_autofree char *url = g_strdup_printf("%s/p/here/%s", base_url, nonce);
    FetchAsk ask = {.url = url, .dns = delivery->dns, .stopping = job_stops, .data = job};
    fetch(&ask, &answer);
    g_mutex_lock(&delivery->here_mutex);
    *delivery->nonce = '\0';
    g_mutex_unlock(&delivery->here_mutex);
    CheckState state = address_url_judge(base_url, &answer, expected, &code);
    return json_pack("{s:s, s:s, s:s, s:i, s:s}", "state", check_state_names[state], "code", code,
                     "url", base_url, "status", answer.status, "detail", answer.text);
}

/* ---- the domain ---- */

static void job_ask(void *data, const char *name, DnsType type, DnsAnswer *ret_answer)
{
    AddressJob *work = data;
    if (job_stopping(work->job) || work->silent >= SILENT_MAX) return;
    dns_ask(work->delivery->dns, name, type, ret_answer);
    work->silent += ret_answer->outcome == DNS_FAILED;
}

static json_t *texts_json(const GPtrArray *texts)
{
    json_t *list = json_array();
    for (guint i = 0; i < texts->len; i++)
        json_array_append_new(list, json_string(texts->pdata[i]));
    return list;
}

static json_t *check_json(const DomainCheck *check)
{
    json_t *records = json_array();
    for (guint i = 0; i < check->records->len; i++) {
        const DomainRecord *record = &g_array_index(check->records, DomainRecord, i);
        json_array_append_new(records, json_pack("{s:s, s:s, s:s?}", "type", record->type, "name",
                                                 record->name, "value", record->value));
    }
    return json_pack("{s:s, s:s, s:s?, s:o, s:o}", "state", check_state_names[check->state], "code",
                     check->code, "detail", check->detail, "found", texts_json(check->found),
                     "records", records);
}

/* A signature that held says best where the key is. */
static void signer_take(const json_t *mail, const AddressNow *now, DomainWants *wants)
{
    if (strcmp(text_of(mail, "state"), "ok") != 0 || strcmp(text_of(mail, "with"), now->with) != 0)
        return;
    wants->selector = text_of(mail, "selector");
    wants->signer = text_of(mail, "signer");
}

static DomainWants wants_of(const Sender *sender, const AddressNow *now)
{
    const SenderPreset *preset = sender_preset(sender->preset);
    bool other = strcmp(preset->name, "other") == 0;
    return (DomainWants){.domain = now->domain,
                         .signer = now->domain,
                         .spf = preset->spf,
                         .spf_own = !other && !*preset->spf,
                         .host = sender->host,
                         .selector =
                             *sender->dkim_selector ? sender->dkim_selector : preset->dkim_selector,
                         .dkim_host = preset->dkim_host};
}

static json_t *domain_checks(AddressJob *work, const DomainWants *wants)
{
    g_auto(DomainCheck) spf = {0}, dkim = {0}, dmarc = {0};
    DomainAsk ask = {.ask = job_ask, .data = work};
    domain_check_dkim(&ask, wants, &dkim);
    domain_check_dmarc(&ask, wants, &dmarc);
    domain_check_spf(&ask, wants, &spf);
    return json_pack("{s:o, s:o, s:o}", "spf", check_json(&spf), "dkim", check_json(&dkim), "dmarc",
                     check_json(&dmarc));
}

/* ---- the job ---- */

typedef struct Save {
    const char *name;
    const json_t *json;
} Save;

static bool save_run(Db *db, void *data, GError **error)
{
    const Save *save = data;
    return finding_write(db, save->name, save->json, error);
}

static bool findings_save(Delivery *delivery, const char *name, const json_t *json, GError **error)
{
    Save save = {name, json};
    return writer_call(store_writer(delivery->options.store), WRITER_REST, save_run, &save, error);
}

static bool findings_read(Delivery *delivery, json_t **ret_json, GError **error)
{
    Store *store = delivery->options.store;
    Db *db = store_reader_begin(store, error);
    if (!db) return false;
    *ret_json = address_findings(db, error);
    store_reader_end(store, db);
    return *ret_json != NULL;
}

static bool check_make(AddressJob *work, GError **error)
{
    Delivery *delivery = work->delivery;
    Sender sender;
    json_auto_t *before = NULL;
    g_auto(AddressNow) now = {0};
    if (!delivery_sender(delivery, &sender, NULL, error) ||
        !findings_read(delivery, &before, error))
        return false;
    address_now(delivery, &sender, &now);
    DomainWants wants = wants_of(&sender, &now);
    signer_take(json_object_get(before, "mail"), &now, &wants);
    json_auto_t *json = domain_checks(work, &wants);
    json_object_set_new(json, "url", url_check(delivery, work->job, now.url));
    if (job_stopping(work->job)) return true;
    json_object_set_new(json, "state", json_string("done"));
    json_object_set_new(json, "at", json_integer(clock_now_ms()));
    json_object_set_new(json, "with", json_string(now.with));
    json_object_set_new(json, "domain", json_string(now.domain));
    return findings_save(delivery, SETTING_CHECK, json, error);
}

/* ---- a mail that arrived ---- */

static json_t *signature_json(const DkimSignature *signature)
{
    char hash[DKIM_HASH_SIZE * 2 + 1];
    gsize size;
    const uint8_t *data = g_bytes_get_data(signature->bytes, &size);
    g_autofree char *bytes = g_base64_encode(data, size);
    sodium_bin2hex(hash, sizeof hash, signature->hash, DKIM_HASH_SIZE);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:I}", "d", signature->domain,
                     "s", signature->selector, "a", signature->algorithm, "b", bytes, "hash", hash,
                     "body", (int)signature->body_matches, "part", (int)signature->part_only,
                     "from", (int)signature->signs_from, "no", (int)signature->signs_no, "x",
                     (json_int_t)signature->expires_s);
}

static bool signature_take(const json_t *json, DkimSignature *signature)
{
    gsize size = 0;
    size_t got = 0;
    const char *hash = text_of(json, "hash");
    guchar *data = g_base64_decode(text_of(json, "b"), &size);
    *signature = (DkimSignature){.domain = g_strdup(text_of(json, "d")),
                                 .selector = g_strdup(text_of(json, "s")),
                                 .algorithm = g_strdup(text_of(json, "a")),
                                 .bytes = g_bytes_new_take(data, size),
                                 .body_matches = json_is_true(json_object_get(json, "body")),
                                 .part_only = json_is_true(json_object_get(json, "part")),
                                 .signs_from = json_is_true(json_object_get(json, "from")),
                                 .signs_no = json_is_true(json_object_get(json, "no")),
                                 .expires_s = json_integer_value(json_object_get(json, "x"))};
    return sodium_hex2bin(signature->hash, DKIM_HASH_SIZE, hash, strlen(hash), NULL, &got, NULL) ==
               0 &&
           got == DKIM_HASH_SIZE;
}

static const char *signature_judge(AddressJob *work, DkimSignature *signature)
{
    g_auto(DnsAnswer) answer = {0};
    g_auto(DkimKey) key = {0};
    g_autofree char *name =
        g_strdup_printf("%s._domainkey.%s", signature->selector, signature->domain);
    job_ask(work, name, DNS_TXT, &answer);
    if (answer.outcome == DNS_FAILED) return "failed";
    if (answer.outcome == DNS_NONE || answer.records->len != 1) return "no_key";
    if (!dkim_key_read(answer.records->pdata[0], &key)) return "wrong_key";
    return dkim_verify(signature, &key, clock_now_ms());
}

typedef struct MailVerdict {
    CheckState state;
    const char *code;
    char *signer, *selector;
} MailVerdict;

static void verdict_clear(MailVerdict *verdict)
{
    g_free(verdict->signer);
    g_free(verdict->selector);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MailVerdict, verdict_clear)

/* The best of the signatures counts; one of somebody else's domain says nothing about ours. */
static void signatures_judge(AddressJob *work, const json_t *mail, const DomainCheck *dmarc,
                             MailVerdict *verdict)
{
    size_t i;
    json_t *json;
    const char *domain = text_of(mail, "from");
    *verdict = (MailVerdict){.state = CHECK_MISSING, .code = "no_signature"};
    json_array_foreach(json_object_get(mail, "signatures"), i, json)
    {
        DkimSignature signature;
        bool whole = signature_take(json, &signature);
        bool aligned = domain_aligned(domain, signature.domain, dmarc);
        const char *why = !whole    ? "syntax"
                          : aligned ? signature_judge(work, &signature)
                                    : "other_domain";
        bool has_no = json_is_true(json_object_get(mail, "has_no"));
        const char *good = signature.part_only             ? "part_only"
                           : has_no && !signature.signs_no ? "no_unsigned"
                                                           : "ok";
        if (verdict->state != CHECK_OK && (!verdict->signer || aligned)) {
            verdict_clear(verdict);
            *verdict = (MailVerdict){!why                         ? CHECK_OK
                                     : strcmp(why, "failed") == 0 ? CHECK_UNKNOWN
                                                                  : CHECK_WRONG,
                                     why ? why : good, g_strdup(signature.domain),
                                     g_strdup(signature.selector)};
        }
        dkim_signature_clear(&signature);
    }
}

static bool mail_make(AddressJob *work, const json_t *mail, GError **error)
{
    Sender sender;
    g_auto(AddressNow) now = {0};
    g_auto(DomainCheck) dmarc = {0};
    g_auto(MailVerdict) verdict = {0};
    DomainAsk ask = {.ask = job_ask, .data = work};
    if (!delivery_sender(work->delivery, &sender, NULL, error)) return false;
    address_now(work->delivery, &sender, &now);
    DomainWants wants = {.domain = text_of(mail, "from")};
    domain_check_dmarc(&ask, &wants, &dmarc);
    signatures_judge(work, mail, &dmarc, &verdict);
    if (strcmp(wants.domain, now.domain) != 0) {
        verdict.state = CHECK_WRONG;
        verdict.code = "other_sender";
    }
    if (job_stopping(work->job)) return true;
    json_auto_t *json = json_pack(
        "{s:s, s:s, s:I, s:s, s:s, s:s?, s:s?}", "state", check_state_names[verdict.state], "code",
        verdict.code, "at", (json_int_t)clock_now_ms(), "with", now.with, "from", wants.domain,
        "signer", verdict.signer, "selector", verdict.selector);
    return findings_save(work->delivery, SETTING_MAIL, json, error);
}

bool delivery_address_run(Delivery *delivery, Job *job, GError **error)
{
    AddressJob work = {delivery, job, 0};
    json_auto_t *payload = json_loads(job_payload(job), 0, NULL);
    json_t *mail = json_object_get(payload, "mail");
    g_mutex_lock(&delivery->here_mutex);
    bool served = delivery->base_url != NULL;
    g_mutex_unlock(&delivery->here_mutex);
    bool done = !served || ((!mail || mail_make(&work, mail, error)) && check_make(&work, error));
    if (done && (!served || job_stopping(job))) job_again(job, clock_now_ms() + CLOCK_SECOND_MS);
    return done;
}

/* ---- asking ---- */

static bool under_way(const json_t *check, int64_t now_ms)
{
    return strcmp(text_of(check, "state"), "running") == 0 &&
           now_ms - json_integer_value(json_object_get(check, "at")) < ADDRESS_CHECK_MS;
}

static bool ask_run(Db *db, void *data, GError **error)
{
    const char *payload = data;
    json_auto_t *check = NULL;
    int64_t now_ms = clock_now_ms();
    JobAdd add = {
        .kind = DELIVERY_ADDRESS_JOB, .key = "address", .due_at = now_ms, .payload = payload};
    if (!finding_read(db, SETTING_CHECK, &check, error)) return false;
    if (under_way(check, now_ms))
        return fail(error, KITH_ERROR_CONFLICT, "a check is under way: wait for its end");
    json_auto_t *running = json_is_object(check) ? json_deep_copy(check) : json_object();
    json_object_set_new(running, "state", json_string("running"));
    json_object_set_new(running, "at", json_integer(now_ms));
    return finding_write(db, SETTING_CHECK, running, error) && jobs_add(db, &add, error);
}

static bool ask_write(Delivery *delivery, const json_t *payload, GError **error)
{
    Sender sender;
    g_auto(AddressNow) now = {0};
    if (!delivery_sender(delivery, &sender, NULL, error)) return false;
    address_now(delivery, &sender, &now);
    if (!dns_name_check(now.domain))
        return fail(error, KITH_ERROR_CONFLICT, "say first which address mails are from");
    g_autofree char *text = json_dumps(payload, JSON_COMPACT);
    return writer_call(store_writer(delivery->options.store), WRITER_REST, ask_run, text, error);
}

bool address_check_ask(Delivery *delivery, GError **error)
{
    json_auto_t *payload = json_object();
    return ask_write(delivery, payload, error);
}

bool address_mail_ask(Delivery *delivery, const char *source, GError **error)
{
    g_auto(DkimMail) mail = {0};
    dkim_read(source, strlen(source), &mail);
    if (!mail.from_domain)
        return fail(error, KITH_ERROR_INVALID,
                    "this is not the source of a mail: it has no From address");
    json_auto_t *signatures = json_array();
    for (int i = 0; i < mail.count; i++)
        json_array_append_new(signatures, signature_json(&mail.items[i]));
    json_auto_t *payload = json_pack("{s:{s:s, s:b, s:O}}", "mail", "from", mail.from_domain,
                                     "has_no", (int)mail.has_no, "signatures", signatures);
    return ask_write(delivery, payload, error);
}
