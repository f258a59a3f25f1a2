#include "delivery/domain.h"

#include "delivery/tags.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <string.h>

const char *const check_state_names[] = {"unknown", "ok", "not_needed", "missing", "wrong", NULL};

enum { RSA_BITS_MIN = 1024, ED25519_BYTES = 32, KEY_BYTES_MAX = 2048 };

/* ---- what all have ---- */

static void record_free(gpointer data)
{
    DomainRecord *record = data;
    g_free(record->name);
    g_free(record->value);
}

static void check_begin(DomainCheck *check)
{
    *check = (DomainCheck){.found = g_ptr_array_new_with_free_func(g_free),
                           .records = g_array_new(FALSE, FALSE, sizeof(DomainRecord))};
    g_array_set_clear_func(check->records, record_free);
}

void domain_check_clear(DomainCheck *check)
{
    g_clear_pointer(&check->found, g_ptr_array_unref);
    g_clear_pointer(&check->records, g_array_unref);
    g_clear_pointer(&check->detail, g_free);
    g_clear_pointer(&check->organisation, g_free);
}

static void check_say(DomainCheck *check, CheckState state, const char *code, const char *detail)
{
    check->state = state;
    check->code = code;
    g_free(check->detail);
    check->detail = g_strdup(detail);
}

/* Both texts become the check's. */
static void record_add(DomainCheck *check, const char *type, char *name, char *value)
{
    DomainRecord record = {type, name, value};
    g_array_append_val(check->records, record);
}

static void name_ask(DomainAsk *ask, const char *name, DnsType type, DnsAnswer *ret_answer)
{
    *ret_answer = (DnsAnswer){.outcome = DNS_FAILED};
    if (ask->asked++ < DOMAIN_ASKS_MAX) ask->ask(ask->data, name, type, ret_answer);
    if (!ret_answer->records) ret_answer->records = g_ptr_array_new_with_free_func(g_free);
}

/* The TXT records of a name that begin with `mark`, ended or followed by a space or semicolon. */
static DnsOutcome marked_ask(DomainAsk *ask, const char *name, const char *mark, GPtrArray *found)
{
    g_auto(DnsAnswer) answer = {0};
    size_t size = strlen(mark);
    name_ask(ask, name, DNS_TXT, &answer);
    for (guint i = 0; i < answer.records->len; i++) {
        const char *text = answer.records->pdata[i];
        bool marked = g_ascii_strncasecmp(text, mark, size) == 0 &&
                      (text[size] == '\0' || strchr(" ;", text[size]));
        if (marked) g_ptr_array_add(found, g_strdup(text));
    }
    if (answer.outcome == DNS_FAILED) return DNS_FAILED;
    return found->len ? DNS_FOUND : DNS_NONE;
}

/* ---- SPF ---- */

typedef struct SpfWalk {
    DomainAsk *ask;
    const char *wanted; /* the provider's mechanism, or NULL */
    int lookups, depth;
    bool has_wanted, failed, allows_all;
    const char *code; /* the first thing wrong */
    char *detail;
} SpfWalk;

static void spf_wrong(SpfWalk *walk, const char *code, const char *detail)
{
    if (walk->code) return;
    walk->code = code;
    walk->detail = g_strdup(detail);
}

static void spf_record(SpfWalk *walk, const char *domain, const char *text);

/* RFC 7208 5.2: what is included must have one record; what has macros in its name cannot be
 * followed, but counts. */
static void spf_follow(SpfWalk *walk, const char *name)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    if (walk->lookups > SPF_LOOKUPS_MAX || strchr(name, '%')) return;
    DnsOutcome outcome = marked_ask(walk->ask, name, "v=spf1", found);
    if (outcome == DNS_FAILED) walk->failed = true;
    if (outcome == DNS_NONE) spf_wrong(walk, "include_broken", name);
    if (outcome != DNS_FOUND) return;
    if (found->len > 1) spf_wrong(walk, "include_broken", name);
    walk->depth++;
    spf_record(walk, name, found->pdata[0]);
    walk->depth--;
}

static bool term_is(const char *term, const char *word)
{
    size_t size = strlen(word);
    return g_ascii_strncasecmp(term, word, size) == 0 &&
           (term[size] == '\0' || strchr(":/", term[size]));
}

static void spf_include(SpfWalk *walk, const char *name)
{
    walk->lookups++;
    if (!*name) return spf_wrong(walk, "syntax", "include:");
    spf_follow(walk, name);
}

static void spf_mechanism(SpfWalk *walk, const char *term)
{
    static const char *const asking[] = {"a", "mx", "ptr", "exists"};
    char qualifier = strchr("+-~?", *term) ? *term : '+';
    const char *word = strchr("+-~?", *term) ? term + 1 : term;
    if (walk->wanted && g_ascii_strcasecmp(word, walk->wanted) == 0 && qualifier == '+')
        walk->has_wanted = true;
    if (g_ascii_strncasecmp(word, "include:", 8) == 0) return spf_include(walk, word + 8);
    for (size_t i = 0; i < G_N_ELEMENTS(asking); i++) {
        if (!term_is(word, asking[i])) continue;
        walk->lookups++;
        return;
    }
    if (g_ascii_strcasecmp(word, "all") == 0) {
        walk->allows_all |= qualifier == '+' && walk->depth == 0;
        return;
    }
    if (!term_is(word, "ip4") && !term_is(word, "ip6")) spf_wrong(walk, "syntax", term);
}

static bool has_all(char *const *terms)
{
    for (int i = 1; terms[i]; i++)
        if (g_ascii_strcasecmp(terms[i] + (strchr("+-~?", *terms[i]) != NULL && *terms[i]),
                               "all") == 0)
            return true;
    return false;
}

static void spf_record(SpfWalk *walk, const char *domain, const char *text)
{
    g_auto(GStrv) terms = g_strsplit(text, " ", -1);
    const char *redirect = NULL;
    (void)domain;
    for (int i = 1; terms[i]; i++) {
        const char *term = terms[i], *equals = strchr(term, '=');
        bool modifier = equals && equals < term + strcspn(term, ":/");
        if (!*term) continue;
        if (modifier && g_ascii_strncasecmp(term, "redirect=", 9) == 0) redirect = term + 9;
        if (!modifier) spf_mechanism(walk, term);
    }
    if (redirect && !has_all(terms)) spf_include(walk, redirect);
}

/* The domain's own record with the provider in it, or a new one. */
static char *spf_proposal(const DomainWants *wants, const GPtrArray *found)
{
    GString *text = g_string_new("v=spf1");
    g_autofree char *end = g_strdup("~all");
    g_autoptr(GHashTable) had =
        g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
    bool provider = wants->spf && *wants->spf;
    for (guint i = 0; i < found->len; i++) {
        g_auto(GStrv) terms = g_strsplit(found->pdata[i], " ", -1);
        for (int at = 1; terms[at]; at++) {
            bool all = g_str_has_suffix(terms[at], "all") && strlen(terms[at]) <= 4;
            if (all && strcmp(terms[at], "-all") == 0) g_free(g_steal_pointer(&end));
            if (!end) end = g_strdup("-all");
            GBytes *key = g_bytes_new(terms[at], strlen(terms[at]));
            bool fresh = g_hash_table_add(had, key);
            bool again = provider && g_ascii_strcasecmp(terms[at], wants->spf) == 0;
            if (*terms[at] && !all && fresh && !again)
                g_string_append_printf(text, " %s", terms[at]);
        }
    }
    if (provider) g_string_append_printf(text, " %s", wants->spf);
    if (!provider && !found->len && wants->host && dns_name_check(wants->host))
        g_string_append_printf(text, " mx a:%s", wants->host);
    g_string_append_printf(text, " %s", end);
    return g_string_free(text, FALSE);
}

static void spf_judge(SpfWalk *walk, DomainCheck *check)
{
    g_autofree char *count = g_strdup_printf("%d", walk->lookups);
    check->lookups = walk->lookups;
    if (walk->lookups > SPF_LOOKUPS_MAX)
        check_say(check, CHECK_WRONG, "too_many_lookups", count);
    else if (walk->code)
        check_say(check, CHECK_WRONG, walk->code, walk->detail);
    else if (walk->allows_all)
        check_say(check, CHECK_WRONG, "allows_all", NULL);
    else if (walk->wanted && !walk->has_wanted)
        check_say(check, CHECK_WRONG, "no_provider", walk->wanted);
    else if (walk->failed)
        check_say(check, CHECK_UNKNOWN, "failed", NULL);
    else
        check_say(check, CHECK_OK, "ok", count);
    g_free(walk->detail);
}

void domain_check_spf(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check)
{
    DomainCheck *check = ret_check;
    check_begin(check);
    DnsOutcome outcome = marked_ask(ask, wants->domain, "v=spf1", check->found);
    SpfWalk walk = {.ask = ask, .wanted = wants->spf && *wants->spf ? wants->spf : NULL};
    if (check->found->len == 1) spf_record(&walk, wants->domain, check->found->pdata[0]);
    if (outcome == DNS_FAILED)
        check_say(check, CHECK_UNKNOWN, "failed", NULL);
    else if (check->found->len == 1)
        spf_judge(&walk, check);
    else if (check->found->len > 1)
        check_say(check, CHECK_WRONG, "several", NULL);
    else
        check_say(check, CHECK_MISSING, "missing", NULL);
    bool bad = check->state == CHECK_MISSING || check->state == CHECK_WRONG;
    if (wants->spf_own && check->state == CHECK_MISSING)
        check_say(check, CHECK_NOT_NEEDED, "provider_own", NULL);
    else if (bad)
        record_add(check, "TXT", g_strdup(wants->domain), spf_proposal(wants, check->found));
}

/* ---- DKIM ---- */

void dkim_key_clear(DkimKey *key) { g_clear_pointer(&key->bytes, g_bytes_unref); }

static int rsa_bits(const uint8_t *data, size_t size)
{
    const uint8_t *at = data;
    EVP_PKEY *pkey = d2i_PUBKEY(NULL, &at, (long)size);
    int bits = pkey && EVP_PKEY_get_base_id(pkey) == EVP_PKEY_RSA ? EVP_PKEY_get_bits(pkey) : 0;
    EVP_PKEY_free(pkey);
    return bits;
}

static bool base64_is_good(const char *text)
{
    size_t size = strlen(text), body = strcspn(text, "=");
    for (size_t i = 0; i < body; i++)
        if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/') return false;
    return size % 4 == 0 && size - body <= 2 && strspn(text + body, "=") == size - body;
}

static bool key_bytes(const char *value, DkimKey *key)
{
    gsize size = 0;
    g_autofree char *text = tag_squeeze(value);
    if (!*text) return true;
    if (strlen(text) > (size_t)KEY_BYTES_MAX * 2 || !base64_is_good(text)) return false;
    guchar *data = g_base64_decode(text, &size);
    key->bytes = g_bytes_new_take(data, size);
    if (key->type == DKIM_RSA) key->bits = rsa_bits(data, size);
    if (key->type == DKIM_ED25519) key->bits = size == ED25519_BYTES ? 256 : 0;
    return key->type == DKIM_OTHER || key->bits > 0;
}

bool dkim_key_read(const char *text, DkimKey *ret_key)
{
    g_auto(Tags) tags = {0};
    *ret_key = (DkimKey){.type = DKIM_RSA};
    if (!tags_read(text, &tags)) return false;
    const char *version = tags_get(&tags, "v"), *type = tags_get(&tags, "k");
    const char *flags = tags_get(&tags, "t"), *value = tags_get(&tags, "p");
    if ((version && strcmp(version, "DKIM1") != 0) || !value) return false;
    if (type && strcmp(type, "ed25519") == 0) ret_key->type = DKIM_ED25519;
    if (type && strcmp(type, "ed25519") != 0 && strcmp(type, "rsa") != 0)
        ret_key->type = DKIM_OTHER;
    g_auto(GStrv) flag = g_strsplit(flags ? flags : "", ":", -1);
    for (int i = 0; flag[i]; i++)
        ret_key->testing |= strcmp(g_strstrip(flag[i]), "y") == 0;
    return key_bytes(value, ret_key);
}

static void dkim_judge(DomainCheck *check)
{
    g_auto(DkimKey) key = {0};
    bool read = dkim_key_read(check->found->pdata[0], &key);
    g_autofree char *bits = g_strdup_printf("%d", key.bits);
    if (!read || key.type == DKIM_OTHER)
        check_say(check, CHECK_WRONG, "syntax", NULL);
    else if (!key.bytes)
        check_say(check, CHECK_WRONG, "revoked", NULL);
    else if (key.type == DKIM_RSA && key.bits < RSA_BITS_MIN)
        check_say(check, CHECK_WRONG, "key_short", bits);
    else
        check_say(check, CHECK_OK, key.testing ? "testing" : "ok", bits);
}

void domain_check_dkim(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check)
{
    DomainCheck *check = ret_check;
    g_auto(DnsAnswer) answer = {0};
    check_begin(check);
    if (!*wants->selector) return check_say(check, CHECK_UNKNOWN, "no_selector", NULL);
    g_autofree char *name = g_strdup_printf("%s._domainkey.%s", wants->selector, wants->signer);
    name_ask(ask, name, DNS_TXT, &answer);
    if (answer.alias) g_ptr_array_add(check->found, g_strdup(answer.alias));
    for (guint i = 0; i < answer.records->len; i++)
        g_ptr_array_insert(check->found, (int)i, g_strdup(answer.records->pdata[i]));
    if (answer.outcome == DNS_FAILED)
        check_say(check, CHECK_UNKNOWN, "failed", name);
    else if (answer.records->len > 1)
        check_say(check, CHECK_WRONG, "several", name);
    else if (answer.records->len == 1)
        dkim_judge(check);
    else
        check_say(check, CHECK_MISSING, answer.alias ? "alias_empty" : "missing", name);
    if (check->state != CHECK_MISSING && check->state != CHECK_WRONG) return;
    char *host =
        wants->dkim_host ? g_strdup_printf("%s.%s", wants->selector, wants->dkim_host) : NULL;
    record_add(check, host ? "CNAME" : "TXT", g_steal_pointer(&name), host);
}

/* ---- DMARC ---- */

static bool policy_is_good(const char *policy)
{
    return policy && (g_ascii_strcasecmp(policy, "none") == 0 ||
                      g_ascii_strcasecmp(policy, "quarantine") == 0 ||
                      g_ascii_strcasecmp(policy, "reject") == 0);
}

static void dmarc_judge(DomainCheck *check, const char *text, bool own)
{
    g_auto(Tags) tags = {0};
    if (!tags_read(text, &tags)) return check_say(check, CHECK_WRONG, "syntax", NULL);
    const char *policy = tags_get(&tags, "p"), *sub = tags_get(&tags, "sp");
    const char *mode = tags_get(&tags, "adkim");
    check->strict = mode && g_ascii_strcasecmp(mode, "s") == 0;
    if (!policy_is_good(policy) || (sub && !policy_is_good(sub)))
        return check_say(check, CHECK_WRONG, "syntax", NULL);
    check_say(check, CHECK_OK, "ok", !own && sub ? sub : policy); /* the policy that counts */
}

static bool says(const char *text, const char *name, const char *value)
{
    g_auto(Tags) tags = {0};
    return tags_read(text, &tags) && g_strcmp0(tags_get(&tags, name), value) == 0;
}

/* Where the walk goes next: a label less, and from a long name at once to seven. */
static const char *walk_up(const char *name)
{
    int labels = 1;
    for (const char *c = name; *c; c++)
        labels += *c == '.';
    do {
        name = strchr(name, '.') + 1;
        labels--;
    } while (labels >= DOMAIN_WALK_MAX);
    return strchr(name, '.') ? name : NULL;
}

/* What is kept of one step: the record, and whose it is. The walk ends at psd=n (this is the
 * organisation) and psd=y (the one below is). */
static bool walk_step(DomainCheck *check, const char *name, const char *below, const char *text)
{
    bool suffix = says(text, "psd", "y") && below;
    g_free(check->organisation);
    check->organisation = g_strdup(suffix ? below : name);
    return !suffix && !says(text, "psd", "n");
}

static DnsOutcome dmarc_walk(DomainAsk *ask, const char *domain, DomainCheck *check, bool *ret_own)
{
    const char *below = NULL;
    bool more = true;
    for (const char *name = domain; name && more; below = name, name = walk_up(name)) {
        g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *asked = g_strconcat("_dmarc.", name, NULL);
        DnsOutcome outcome = marked_ask(ask, asked, "v=DMARC1", found);
        bool own = name == domain;
        if (outcome == DNS_FAILED) return DNS_FAILED;
        if (own && found->len > 1) {
            g_ptr_array_extend_and_steal(check->found, g_steal_pointer(&found));
            return DNS_FOUND;
        }
        if (found->len != 1) continue;
        more = walk_step(check, name, below, found->pdata[0]);
        if (own) *ret_own = true;
        if (*ret_own && !own) continue;
        g_ptr_array_set_size(check->found, 0);
        g_ptr_array_add(check->found, g_strdup(found->pdata[0]));
    }
    return check->found->len ? DNS_FOUND : DNS_NONE;
}

void domain_check_dmarc(DomainAsk *ask, const DomainWants *wants, DomainCheck *ret_check)
{
    DomainCheck *check = ret_check;
    bool own = false;
    check_begin(check);
    DnsOutcome outcome = dmarc_walk(ask, wants->domain, check, &own);
    if (outcome == DNS_FAILED)
        check_say(check, CHECK_UNKNOWN, "failed", NULL);
    else if (outcome == DNS_NONE)
        check_say(check, CHECK_MISSING, "missing", NULL);
    else if (check->found->len > 1)
        check_say(check, CHECK_WRONG, "several", NULL);
    else
        dmarc_judge(check, check->found->pdata[0], own);
    if (check->state != CHECK_MISSING && check->state != CHECK_WRONG) return;
    const char *at = check->organisation && !own ? check->organisation : wants->domain;
    record_add(check, "TXT", g_strconcat("_dmarc.", at, NULL), g_strdup("v=DMARC1; p=none"));
}

/* ---- alignment ---- */

static bool is_under(const char *name, const char *top)
{
    size_t size = strlen(name), end = strlen(top);
    return size > end && name[size - end - 1] == '.' &&
           g_ascii_strcasecmp(name + size - end, top) == 0;
}

bool domain_aligned(const char *domain, const char *signer, const DomainCheck *dmarc)
{
    if (g_ascii_strcasecmp(domain, signer) == 0) return true;
    if (dmarc->strict || !strchr(signer, '.')) return false;
    if (dmarc->organisation)
        return g_ascii_strcasecmp(signer, dmarc->organisation) == 0 ||
               is_under(signer, dmarc->organisation);
    return is_under(domain, signer) || is_under(signer, domain);
}
