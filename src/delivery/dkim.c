#include "delivery/dkim.h"

#include "delivery/tags.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

enum { FIELDS_MAX = 500, NAMES_MAX = 200 };

/* One field of the head as it stands, with its line ends but the last. */
typedef struct HeadField {
    const char *text;
    size_t size, name_size;
} HeadField;

typedef struct Source {
    GString *text; /* CRLF everywhere */
    GArray *fields;
    const char *body;
    size_t body_size;
} Source;

static void source_clear(Source *source)
{
    if (source->text) g_string_free(source->text, TRUE);
    g_clear_pointer(&source->fields, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Source, source_clear)

void dkim_signature_clear(DkimSignature *signature)
{
    g_free(signature->domain);
    g_free(signature->selector);
    g_free(signature->algorithm);
    g_clear_pointer(&signature->bytes, g_bytes_unref);
}

void dkim_mail_clear(DkimMail *mail)
{
    g_clear_pointer(&mail->from_domain, g_free);
    for (int i = 0; i < mail->count; i++)
        dkim_signature_clear(&mail->items[i]);
    mail->count = 0;
}

/* ---- the source ---- */

static GString *with_crlf(const char *source, size_t size)
{
    GString *text = g_string_sized_new(size + size / 32);
    for (size_t i = 0; i < size; i++) {
        if (source[i] == '\n' && (i == 0 || source[i - 1] != '\r')) g_string_append_c(text, '\r');
        g_string_append_c(text, source[i]);
    }
    return text;
}

static void field_add(Source *source, const char *text, size_t size)
{
    const char *colon = memchr(text, ':', size);
    HeadField field = {text, size, colon ? (size_t)(colon - text) : 0};
    while (field.name_size > 0 && strchr(" \t", text[field.name_size - 1]))
        field.name_size--;
    if (source->fields->len < FIELDS_MAX && field.name_size)
        g_array_append_val(source->fields, field);
}

/* A field ends at a line end that no space follows; the head at an empty line. */
static void source_split(Source *source)
{
    const char *at = source->text->str, *end = at + source->text->len;
    while (at < end && strncmp(at, "\r\n", 2) != 0) {
        const char *stop = at;
        do {
            stop = g_strstr_len(stop + (stop != at) * 2, end - stop - (stop != at) * 2, "\r\n");
        } while (stop && (stop[2] == ' ' || stop[2] == '\t'));
        field_add(source, at, (size_t)((stop ? stop : end) - at));
        at = stop ? stop + 2 : end;
    }
    source->body = at < end ? at + 2 : end;
    source->body_size = (size_t)(end - source->body);
}

static bool field_is(const HeadField *field, const char *name)
{
    return field->name_size == strlen(name) &&
           g_ascii_strncasecmp(field->text, name, field->name_size) == 0;
}

static const HeadField *field_find(const Source *source, const char *name)
{
    for (guint i = 0; i < source->fields->len; i++) {
        const HeadField *field = &g_array_index(source->fields, HeadField, i);
        if (field_is(field, name)) return field;
    }
    return NULL;
}

/* What stands behind the colon; the caller frees. */
static char *field_value(const HeadField *field)
{
    const char *colon = memchr(field->text, ':', field->size);
    return g_strndup(colon + 1, field->size - (size_t)(colon + 1 - field->text));
}

static char *from_domain(const Source *source)
{
    const HeadField *from = field_find(source, "From");
    g_autofree char *value = from ? field_value(from) : NULL;
    char *at = value ? strrchr(value, '@') : NULL;
    if (!at) return NULL;
    at[1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")] =
        '\0';
    return dns_name_check(at + 1) ? g_ascii_strdown(at + 1, -1) : NULL;
}

/* ---- canonical forms (RFC 6376 3.4) ---- */

static bool is_space(char c) { return c == ' ' || c == '\t'; }

/* One line of a relaxed body: runs of spaces are one, none at the end. */
static void line_relax(const char *line, size_t size, GString *out)
{
    while (size > 0 && is_space(line[size - 1]))
        size--;
    for (size_t i = 0; i < size; i++) {
        if (!is_space(line[i]))
            g_string_append_c(out, line[i]);
        else if (!is_space(line[i + 1]))
            g_string_append_c(out, ' ');
    }
}

static GString *body_canonical(const Source *source, bool relaxed)
{
    GString *out = g_string_sized_new(source->body_size + 2);
    const char *at = source->body, *end = at + source->body_size;
    while (relaxed && at < end) {
        const char *stop = g_strstr_len(at, end - at, "\r\n");
        line_relax(at, (size_t)((stop ? stop : end) - at), out);
        g_string_append(out, "\r\n");
        at = stop ? stop + 2 : end;
    }
    if (!relaxed) g_string_append_len(out, source->body, (gssize)source->body_size);
    while (out->len >= 2 && strcmp(out->str + out->len - 2, "\r\n") == 0)
        g_string_truncate(out, out->len - 2);
    if (!relaxed || out->len > 0) g_string_append(out, "\r\n");
    return out;
}

static void field_relaxed(const char *text, size_t size, GString *out)
{
    const char *colon = memchr(text, ':', size);
    size_t name = (size_t)(colon - text);
    while (name > 0 && is_space(text[name - 1]))
        name--;
    for (size_t i = 0; i < name; i++)
        g_string_append_c(out, g_ascii_tolower(text[i]));
    g_string_append_c(out, ':');
    GString *value = g_string_new(NULL);
    for (const char *c = colon + 1; c < text + size; c++)
        if (*c != '\r' && *c != '\n') g_string_append_c(value, *c);
    size_t skip = strspn(value->str, " \t");
    line_relax(value->str + skip, value->len - skip, out);
    g_string_free(value, TRUE);
}

static void field_canonical(const HeadField *field, bool relaxed, GString *out)
{
    if (relaxed)
        field_relaxed(field->text, field->size, out);
    else
        g_string_append_len(out, field->text, (gssize)field->size);
}

/* The signature's own field with nothing behind "b=" (3.7). */
static char *without_signature(const HeadField *field)
{
    const char *colon = memchr(field->text, ':', field->size);
    GString *out = g_string_new_len(field->text, colon + 1 - field->text);
    g_autofree char *value = field_value(field);
    g_auto(GStrv) parts = g_strsplit(value, ";", -1);
    for (int i = 0; parts[i]; i++) {
        size_t lead = strspn(parts[i], " \t\r\n");
        size_t name = strcspn(parts[i] + lead, "= \t\r\n");
        bool own = name == 1 && parts[i][lead] == 'b';
        const char *equals = strchr(parts[i], '=');
        if (i > 0) g_string_append_c(out, ';');
        if (own && equals)
            g_string_append_len(out, parts[i], equals + 1 - parts[i]);
        else
            g_string_append(out, parts[i]);
    }
    return g_string_free(out, FALSE);
}

/* ---- one signature ---- */

/* The signed fields, each name taken from the last one upwards (5.4.2). */
static void head_canonical(const Source *source, const char *names, bool relaxed, GString *out)
{
    g_autofree bool *used = g_new0(bool, source->fields->len + 1);
    g_auto(GStrv) list = g_strsplit(names, ":", NAMES_MAX);
    for (int i = 0; list[i]; i++) {
        const char *name = g_strstrip(list[i]);
        for (guint at = source->fields->len; at > 0; at--) {
            const HeadField *field = &g_array_index(source->fields, HeadField, at - 1);
            if (used[at - 1] || !field_is(field, name)) continue;
            used[at - 1] = true;
            field_canonical(field, relaxed, out);
            g_string_append(out, "\r\n");
            break;
        }
    }
}

static bool names_have(const char *names, const char *name)
{
    g_auto(GStrv) list = g_strsplit(names, ":", NAMES_MAX);
    for (int i = 0; list[i]; i++)
        if (g_ascii_strcasecmp(g_strstrip(list[i]), name) == 0) return true;
    return false;
}

static void hash_make(const char *data, size_t size, uint8_t *ret_hash)
{
    EVP_Digest(data, size, ret_hash, NULL, EVP_sha256(), NULL);
}

static GBytes *bytes_of(const char *value)
{
    gsize size = 0;
    g_autofree char *text = tag_squeeze(value);
    guchar *data = g_base64_decode(text, &size);
    return g_bytes_new_take(data, size);
}

static void body_compare(const Source *source, const Tags *tags, bool relaxed,
                         DkimSignature *signature)
{
    uint8_t hash[DKIM_HASH_SIZE];
    const char *length = tags_get(tags, "l");
    guint64 limit = G_MAXUINT64;
    GString *body = body_canonical(source, relaxed);
    if (length && g_ascii_string_to_unsigned(length, 10, 0, G_MAXINT64, &limit, NULL))
        signature->part_only = limit < body->len;
    hash_make(body->str, MIN(body->len, limit), hash);
    g_autoptr(GBytes) said = bytes_of(tags_get(tags, "bh"));
    signature->body_matches = g_bytes_get_size(said) == sizeof hash &&
                              memcmp(g_bytes_get_data(said, NULL), hash, sizeof hash) == 0;
    g_string_free(body, TRUE);
}

static void head_hash(const Source *source, const HeadField *field, const char *names, bool relaxed,
                      DkimSignature *signature)
{
    GString *head = g_string_new(NULL);
    head_canonical(source, names, relaxed, head);
    g_autofree char *own = without_signature(field);
    HeadField bare = {own, strlen(own), field->name_size};
    field_canonical(&bare, relaxed, head);
    hash_make(head->str, head->len, signature->hash);
    g_string_free(head, TRUE);
}

static bool tags_are_whole(const Tags *tags)
{
    static const char *const needed[] = {"v", "a", "b", "bh", "d", "h", "s"};
    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
        if (!tags_get(tags, needed[i])) return false;
    return strcmp(tags_get(tags, "v"), "1") == 0 && dns_name_check(tags_get(tags, "d"));
}

static bool signature_read(const Source *source, const HeadField *field, DkimSignature *signature)
{
    g_auto(Tags) tags = {0};
    g_autofree char *value = field_value(field);
    if (!tags_read(value, &tags) || !tags_are_whole(&tags)) return false;
    const char *forms = tags_get(&tags, "c"), *expires = tags_get(&tags, "x");
    const char *names = tags_get(&tags, "h"), *slash = forms ? strchr(forms, '/') : NULL;
    bool head_relaxed = forms && g_str_has_prefix(forms, "relaxed");
    bool body_relaxed = slash && strcmp(slash + 1, "relaxed") == 0;
    guint64 end = 0;
    if (expires && !g_ascii_string_to_unsigned(expires, 10, 0, G_MAXINT64 / 1000, &end, NULL))
        return false;
    *signature = (DkimSignature){.domain = g_ascii_strdown(tags_get(&tags, "d"), -1),
                                 .selector = g_strdup(tags_get(&tags, "s")),
                                 .algorithm = g_ascii_strdown(tags_get(&tags, "a"), -1),
                                 .bytes = bytes_of(tags_get(&tags, "b")),
                                 .signs_from = names_have(names, "From"),
                                 .signs_no = names_have(names, "List-Unsubscribe") &&
                                             names_have(names, "List-Unsubscribe-Post"),
                                 .expires_s = (int64_t)end};
    body_compare(source, &tags, body_relaxed, signature);
    head_hash(source, field, names, head_relaxed, signature);
    return true;
}

void dkim_read(const char *data, size_t size, DkimMail *ret_mail)
{
    g_auto(Source) source = {.fields = g_array_new(FALSE, FALSE, sizeof(HeadField))};
    *ret_mail = (DkimMail){0};
    size_t lead = 0; /* pasted text often begins with an empty line */
    while (lead < size && g_ascii_isspace(data[lead]))
        lead++;
    source.text = with_crlf(data + lead, MIN(size - lead, (size_t)DKIM_SOURCE_MAX));
    source_split(&source);
    ret_mail->from_domain = from_domain(&source);
    ret_mail->has_no = field_find(&source, "List-Unsubscribe") != NULL;
    for (guint i = 0; i < source.fields->len; i++) {
        const HeadField *field = &g_array_index(source.fields, HeadField, i);
        if (!field_is(field, "DKIM-Signature") || ret_mail->count == DKIM_SIGNATURES_MAX) continue;
        if (signature_read(&source, field, &ret_mail->items[ret_mail->count]))
            ret_mail->count++;
        else
            ret_mail->broken++;
    }
}

/* ---- verifying ---- */

static EVP_PKEY *key_open(const DkimKey *key)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(key->bytes, &size);
    if (key->type == DKIM_ED25519)
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, data, size);
    return d2i_PUBKEY(NULL, &data, (long)size);
}

static bool rsa_holds(EVP_PKEY *pkey, const DkimSignature *signature)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(signature->bytes, &size);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(pkey, NULL);
    bool holds = context && EVP_PKEY_verify_init(context) == 1 &&
                 EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                 EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                 EVP_PKEY_verify(context, data, size, signature->hash, DKIM_HASH_SIZE) == 1;
    EVP_PKEY_CTX_free(context);
    return holds;
}

/* RFC 8463: the hash is what is signed. */
static bool ed25519_holds(EVP_PKEY *pkey, const DkimSignature *signature)
{
    gsize size;
    const uint8_t *data = g_bytes_get_data(signature->bytes, &size);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, pkey) == 1 &&
                 EVP_DigestVerify(context, data, size, signature->hash, DKIM_HASH_SIZE) == 1;
    EVP_MD_CTX_free(context);
    return holds;
}

const char *dkim_verify(const DkimSignature *signature, const DkimKey *key, int64_t now_ms)
{
    bool rsa = strcmp(signature->algorithm, "rsa-sha256") == 0;
    if (!rsa && strcmp(signature->algorithm, "ed25519-sha256") != 0) return "weak_algorithm";
    if (!key->bytes) return "revoked";
    if (key->type != (rsa ? DKIM_RSA : DKIM_ED25519)) return "wrong_key";
    if (rsa && key->bits < 1024) return "key_short";
    if (!signature->signs_from) return "from_unsigned";
    if (!signature->body_matches) return "body_changed";
    if (signature->expires_s && now_ms / 1000 > signature->expires_s) return "expired";
    EVP_PKEY *pkey = key_open(key);
    if (!pkey) return "wrong_key";
    bool holds = rsa ? rsa_holds(pkey, signature) : ed25519_holds(pkey, signature);
    EVP_PKEY_free(pkey);
    return holds ? NULL : "head_changed";
}
