/* What a domain publishes, judged; and signatures of mails, with the example of RFC 8463. */
#include "delivery/address.h"
#include "delivery/dkim.h"

#include <string.h>

typedef struct Zone {
    const char *name, *text;
} Zone;

/* Answers from a list that ends with {NULL}; "!" is a failure, "@x" an alias of nothing. */
static void zone_ask(void *data, const char *name, DnsType type, DnsAnswer *ret_answer)
{
    *ret_answer = (DnsAnswer){.outcome = DNS_NONE};
    ret_answer->records = g_ptr_array_new_with_free_func(g_free);
    g_assert_cmpint(type, ==, DNS_TXT);
    for (const Zone *zone = data; zone->name; zone++) {
        if (strcmp(zone->name, name) != 0) continue;
        if (*zone->text == '@') {
            ret_answer->alias = g_strdup(zone->text + 1);
            continue;
        }
        ret_answer->outcome = *zone->text == '!' ? DNS_FAILED : DNS_FOUND;
        if (*zone->text != '!') g_ptr_array_add(ret_answer->records, g_strdup(zone->text));
    }
}

#define RSA_1024                                                                                   \
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/"   \
    "J16J"                                                                                         \
    "Yi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/"                                                         \
    "8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"                                   \
    "Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
#define RSA_512                                                                                    \
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALVI635dLK4cJJAH3Lx6upo3X/"                                   \
    "Lm1tQz3mezcWTA3BUBnyIsdnRf57aD5BtNmh"                                                         \
    "PrYYDlWlzw3UgnKisIxktkk5kCAwEAAQ=="
#define D "shop.example"

typedef struct Case {
    const char *why;
    Zone zone[14];
    CheckState state;
    const char *code, *proposal;
} Case;

static void check_is(const Case *one, const DomainCheck *check)
{
    g_test_message("%s", one->why);
    g_assert_cmpint(check->state, ==, one->state);
    g_assert_cmpstr(check->code, ==, one->code);
    const char *value =
        check->records->len ? g_array_index(check->records, DomainRecord, 0).value : NULL;
    g_assert_cmpstr(value, ==, one->proposal);
}

static const Case spf_cases[] = {
    {"good",
     {{D, "v=spf1 include:p.example ~all"}, {"p.example", "v=spf1 ip4:192.0.2.0/24 -all"}},
     CHECK_OK,
     "ok",
     NULL},
    {"others stand beside it",
     {{D, "google-site=1"}, {D, "v=spf1 mx Include:P.Example -all"}, {"P.Example", "v=spf1 -all"}},
     CHECK_OK,
     "ok",
     NULL},
    {"none", {{D, "hello"}}, CHECK_MISSING, "missing", "v=spf1 include:p.example ~all"},
    {"a longer word is none",
     {{D, "v=spf10 -all"}},
     CHECK_MISSING,
     "missing",
     "v=spf1 include:p.example ~all"},
    {"two",
     {{D, "v=spf1 mx -all"}, {D, "v=spf1 include:p.example ~all"}},
     CHECK_WRONG,
     "several",
     "v=spf1 mx include:p.example -all"},
    {"the provider is not in it",
     {{D, "v=spf1 a mx -all"}},
     CHECK_WRONG,
     "no_provider",
     "v=spf1 a mx include:p.example -all"},
    {"the provider is refused",
     {{D, "v=spf1 -include:p.example ~all"}, {"p.example", "v=spf1 -all"}},
     CHECK_WRONG,
     "no_provider",
     "v=spf1 -include:p.example include:p.example ~all"},
    {"everybody may",
     {{D, "v=spf1 include:p.example +all"}, {"p.example", "v=spf1 -all"}},
     CHECK_WRONG,
     "allows_all",
     "v=spf1 include:p.example ~all"},
    {"a word that is none",
     {{D, "v=spf1 include:p.example ip4=1 hello -all"}, {"p.example", "v=spf1 -all"}},
     CHECK_WRONG,
     "syntax",
     "v=spf1 ip4=1 hello include:p.example -all"},
    {"included without a record",
     {{D, "v=spf1 include:p.example -all"}},
     CHECK_WRONG,
     "include_broken",
     "v=spf1 include:p.example -all"},
    {"included and not to be had",
     {{D, "v=spf1 include:p.example -all"}, {"p.example", "!"}},
     CHECK_UNKNOWN,
     "failed",
     NULL},
    {"not to be had", {{D, "!"}}, CHECK_UNKNOWN, "failed", NULL},
    {"ten look-ups",
     {{D, "v=spf1 include:p.example a mx ptr exists:x.example a:b.c -all"},
      {"p.example", "v=spf1 a a/24 mx:d.e/28 redirect=q.example"},
      {"q.example", "v=spf1 -all"}},
     CHECK_OK,
     "ok",
     NULL},
    {"eleven look-ups",
     {{D, "v=spf1 include:p.example a mx ptr exists:x.example a:b.c a:f.g -all"},
      {"p.example", "v=spf1 a a/24 mx:d.e/28 redirect=q.example"},
      {"q.example", "v=spf1 -all"}},
     CHECK_WRONG,
     "too_many_lookups",
     "v=spf1 a mx ptr exists:x.example a:b.c a:f.g include:p.example -all"},
    {"includes itself",
     {{D, "v=spf1 include:p.example -all"},
      {"p.example", "v=spf1 include:p.example include:p.example -all"}},
     CHECK_WRONG,
     "too_many_lookups",
     "v=spf1 include:p.example -all"},
    {"a redirect beside all is not followed",
     {{D, "v=spf1 include:p.example redirect=n.example ~all"}, {"p.example", "v=spf1 -all"}},
     CHECK_OK,
     "ok",
     NULL},
    {"a name made of the sender's",
     {{D, "v=spf1 include:p.example exists:%{i}.x.example ~all"},
      {"p.example", "v=spf1 include:%{d}.y.example -all"}},
     CHECK_OK,
     "ok",
     NULL},
};

static void spf(void)
{
    DomainWants wants = {.domain = D, .signer = D, .spf = "include:p.example", .selector = ""};
    for (size_t i = 0; i < G_N_ELEMENTS(spf_cases); i++) {
        g_auto(DomainCheck) check = {0};
        DomainAsk ask = {.ask = zone_ask, .data = (void *)spf_cases[i].zone};
        domain_check_spf(&ask, &wants, &check);
        check_is(&spf_cases[i], &check);
        g_assert_cmpint(ask.asked, <=, DOMAIN_ASKS_MAX);
    }
}

static void spf_of_unknown_providers(void)
{
    static const Zone nothing[] = {{NULL, NULL}};
    g_auto(DomainCheck) own = {0}, other = {0};
    DomainAsk ask = {.ask = zone_ask, .data = (void *)nothing};
    DomainWants wants = {.domain = D, .spf = "", .spf_own = true, .host = "mail.p.example"};
    domain_check_spf(&ask, &wants, &own);
    g_assert_cmpint(own.state, ==, CHECK_NOT_NEEDED);
    wants.spf_own = false;
    domain_check_spf(&ask, &wants, &other);
    g_assert_cmpint(other.state, ==, CHECK_MISSING);
    g_assert_cmpstr(g_array_index(other.records, DomainRecord, 0).value, ==,
                    "v=spf1 mx a:mail.p.example ~all");
}

#define K "one._domainkey.shop.example"

static void dkim_keys(void)
{
    static const Case cases[] = {
        {"good", {{K, "v=DKIM1; k=rsa; p=" RSA_1024}}, CHECK_OK, "ok", NULL},
        {"the least that is allowed", {{K, "p=" RSA_1024 ";"}}, CHECK_OK, "ok", NULL},
        {"behind an alias", {{K, "@one.p.example"}, {K, "p= " RSA_1024}}, CHECK_OK, "ok", NULL},
        {"of Ed25519",
         {{K, "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}},
         CHECK_OK,
         "ok",
         NULL},
        {"still tried out", {{K, "v=DKIM1; t=s:y; p=" RSA_1024}}, CHECK_OK, "testing", NULL},
        {"too short", {{K, "v=DKIM1; p=" RSA_512}}, CHECK_WRONG, "key_short", "one.p.example"},
        {"taken back", {{K, "v=DKIM1; p="}}, CHECK_WRONG, "revoked", "one.p.example"},
        {"no base64", {{K, "v=DKIM1; p=%%%"}}, CHECK_WRONG, "syntax", "one.p.example"},
        {"no key", {{K, "v=DKIM1; p=AAAA"}}, CHECK_WRONG, "syntax", "one.p.example"},
        {"a half of it lost",
         {{K, "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB"}},
         CHECK_WRONG,
         "syntax",
         "one.p.example"},
        {"another version", {{K, "v=DKIM2; p=" RSA_1024}}, CHECK_WRONG, "syntax", "one.p.example"},
        {"two", {{K, "p=" RSA_1024}, {K, "p=" RSA_1024}}, CHECK_WRONG, "several", "one.p.example"},
        {"none", {{D, "p=" RSA_1024}}, CHECK_MISSING, "missing", "one.p.example"},
        {"an alias of nothing",
         {{K, "@one.p.example"}},
         CHECK_MISSING,
         "alias_empty",
         "one.p.example"},
        {"not to be had", {{K, "!"}}, CHECK_UNKNOWN, "failed", NULL},
    };
    DomainWants wants = {.domain = D, .signer = D, .selector = "one", .dkim_host = "p.example"};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(DomainCheck) check = {0};
        DomainAsk ask = {.ask = zone_ask, .data = (void *)cases[i].zone};
        domain_check_dkim(&ask, &wants, &check);
        check_is(&cases[i], &check);
    }
    g_auto(DomainCheck) check = {0};
    DomainAsk ask = {.ask = zone_ask, .data = (void *)cases[0].zone};
    wants.selector = "";
    domain_check_dkim(&ask, &wants, &check);
    g_assert_cmpstr(check.code, ==, "no_selector");
}

static const struct {
    Case one;
    const char *organisation;
} dmarc_cases[] = {
    {{"its own", {{"_dmarc.a.shop.example", "v=DMARC1; p=none"}}, CHECK_OK, "ok", NULL},
     "a.shop.example"},
    {{"of the organisation",
      {{"_dmarc.shop.example", "v=DMARC1; p=reject; sp=none"}},
      CHECK_OK,
      "ok",
      NULL},
     "shop.example"},
    {{"its own, below the organisation's",
      {{"_dmarc.a.shop.example", "v=DMARC1;p=none;adkim=s"},
       {"_dmarc.shop.example", "v=DMARC1; p=reject"}},
      CHECK_OK,
      "ok",
      NULL},
     "shop.example"},
    {{"below a public suffix",
      {{"_dmarc.a.shop.example", "v=DMARC1; p=none"},
       {"_dmarc.shop.example", "v=DMARC1; p=none; psd=y"}},
      CHECK_OK,
      "ok",
      NULL},
     "a.shop.example"},
    {{"says that it is one",
      {{"_dmarc.a.shop.example", "v=DMARC1; p=none; psd=n"},
       {"_dmarc.shop.example", "v=DMARC1; p=none"}},
      CHECK_OK,
      "ok",
      NULL},
     "a.shop.example"},
    {{"none", {{D, "v=DMARC1; p=none"}}, CHECK_MISSING, "missing", "v=DMARC1; p=none"}, NULL},
    {{"two",
      {{"_dmarc.a.shop.example", "v=DMARC1; p=none"},
       {"_dmarc.a.shop.example", "v=DMARC1; p=reject"}},
      CHECK_WRONG,
      "several",
      "v=DMARC1; p=none"},
     NULL},
    {{"no policy",
      {{"_dmarc.a.shop.example", "v=DMARC1; rua=mailto:a@b.c"}},
      CHECK_WRONG,
      "syntax",
      "v=DMARC1; p=none"},
     "a.shop.example"},
    {{"a policy that is none",
      {{"_dmarc.a.shop.example", "v=DMARC1; p=maybe"}},
      CHECK_WRONG,
      "syntax",
      "v=DMARC1; p=none"},
     "a.shop.example"},
    {{"not to be had", {{"_dmarc.a.shop.example", "!"}}, CHECK_UNKNOWN, "failed", NULL}, NULL},
};

static void dmarc(void)
{
    DomainWants wants = {.domain = "a.shop.example"};
    for (size_t i = 0; i < G_N_ELEMENTS(dmarc_cases); i++) {
        g_auto(DomainCheck) check = {0};
        DomainAsk ask = {.ask = zone_ask, .data = (void *)dmarc_cases[i].one.zone};
        domain_check_dmarc(&ask, &wants, &check);
        check_is(&dmarc_cases[i].one, &check);
        g_assert_cmpstr(check.organisation, ==, dmarc_cases[i].organisation);
    }
    g_auto(DomainCheck) deep = {0};
    DomainAsk ask = {.ask = zone_ask, .data = (void *)dmarc_cases[0].one.zone};
    wants.domain = "a.b.c.d.e.f.g.h.i.j.k.shop.example";
    domain_check_dmarc(&ask, &wants, &deep);
    g_assert_cmpint(ask.asked, ==, 7); /* itself, then from seven labels down to two */
}

static void alignment(void)
{
    static const struct {
        const char *domain, *signer, *organisation;
        bool strict, want;
    } cases[] = {
        {"shop.example", "shop.example", NULL, true, true},
        {"news.shop.example", "shop.example", "shop.example", false, true},
        {"shop.example", "mail.shop.example", "shop.example", false, true},
        {"news.shop.example", "shop.example", "shop.example", true, false},
        {"shop.example", "badshop.example", "shop.example", false, false},
        {"shop.example", "provider.example", NULL, false, false},
        {"news.shop.example", "shop.example", NULL, false, true},
        {"shop.example", "example", NULL, false, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        DomainCheck dmarc = {.organisation = (char *)cases[i].organisation,
                             .strict = cases[i].strict};
        g_assert_true(domain_aligned(cases[i].domain, cases[i].signer, &dmarc) == cases[i].want);
    }
}

/* RFC 8463, appendix A.3. */
static const char example[] = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                              " d=football.example.com; i=@football.example.com;\r\n"
                              " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                              " subject : date : message-id : from : subject : date;\r\n"
                              " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                              " b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n"
                              " Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
                              "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                              " d=football.example.com; i=@football.example.com;\r\n"
                              " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                              " date : message-id : from : subject : date;\r\n"
                              " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
                              " b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n"
                              " DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n"
                              " dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
                              "From: Joe SixPack <joe@football.example.com>\r\n"
                              "To: Suzie Q <suzie@shopping.example.net>\r\n"
                              "Subject: Is dinner ready?\r\n"
                              "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
                              "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
                              "\r\n"
                              "Hi.\r\n"
                              "\r\n"
                              "We lost the game.  Are you hungry yet?\r\n"
                              "\r\n"
                              "Joe.\r\n";

static const char *const example_keys[] = {
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    "v=DKIM1; k=rsa; p=" RSA_1024};

static char *changed(const char *from, const char *to)
{
    g_auto(GStrv) parts = g_strsplit(example, from, 2);
    g_assert_nonnull(parts[1]);
    return g_strjoinv(to, parts);
}

static void signatures_are(const char *source, const char *why)
{
    g_auto(DkimMail) mail = {0};
    dkim_read(source, strlen(source), &mail);
    g_assert_cmpint(mail.count, ==, 2);
    g_assert_cmpstr(mail.from_domain, ==, "football.example.com");
    for (int i = 0; i < 2; i++) {
        g_auto(DkimKey) key = {0};
        g_assert_true(dkim_key_read(example_keys[i], &key));
        g_assert_cmpstr(dkim_verify(&mail.items[i], &key, 1528637910000), ==, why);
    }
}

static void the_example_of_the_rfc(void)
{
    signatures_are(example, NULL);
    g_auto(GStrv) lines = g_strsplit(example, "\r\n", -1);
    g_autofree char *pasted = g_strjoinv("\n", lines);
    signatures_are(pasted, NULL);
    g_autofree char *spaced = changed("Is dinner ready?", "Is  dinner \r\n\tready? ");
    signatures_are(spaced, NULL);
    g_autofree char *longer = changed("Joe.\r\n", "Joe. \t\r\n\r\n\r\n");
    signatures_are(longer, NULL);
    g_autofree char *body = changed("lost", "won");
    signatures_are(body, "body_changed");
    g_autofree char *head = changed("Is dinner ready?", "Is lunch ready?");
    signatures_are(head, "head_changed");
    g_autofree char *second = changed("To: Suzie", "Subject: another\r\nTo: Suzie");
    signatures_are(second, "head_changed");
}

static void signatures_that_say_little(void)
{
    static const struct {
        const char *from, *to, *why;
    } cases[] = {
        {"a=rsa-sha256", "a=rsa-sha1", "weak_algorithm"},
        {"s=test; t=1528637909;", "s=test; x=1528637909;", "expired"},
        {"a=rsa-sha256", "a=ed25519-sha256", "wrong_key"},
        {"h=from : to : subject :\r\n date : message-id : from :",
         "h= to : subject :\r\n date : message-id : ", "from_unsigned"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(DkimMail) mail = {0};
        g_auto(DkimKey) key = {0};
        g_autofree char *source = changed(cases[i].from, cases[i].to);
        dkim_read(source, strlen(source), &mail);
        dkim_key_read(example_keys[1], &key);
        g_assert_cmpstr(dkim_verify(&mail.items[1], &key, 1528637910000), ==, cases[i].why);
    }
    g_autofree char *part = changed("q=dns/txt; s=test;", "l=3; q=dns/txt; s=test;");
    g_auto(DkimMail) mail = {0};
    dkim_read(part, strlen(part), &mail);
    g_assert_true(mail.items[1].part_only);
    g_assert_false(mail.items[1].body_matches);
}

static void what_is_no_mail(void)
{
    static const char *const texts[] = {"",       "\r\n",
                                        "hello",  "DKIM-Signature:",
                                        ":",      "a\r\n b",
                                        "\r\n\r", "From: @\r\n",
                                        "From:x", "From: a@b\r\nDKIM-Signature: v=1; a=b; c\r\n"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_auto(DkimMail) mail = {0};
        dkim_read(texts[i], strlen(texts[i]), &mail);
        g_assert_cmpint(mail.count, ==, 0);
        g_assert_null(mail.from_domain);
    }
}

static void public_addresses(void)
{
    static const struct {
        const char *url;
        FetchAnswer answer;
        CheckState state;
        const char *code;
    } cases[] = {
        {"https://a.b", {FETCH_ANSWERED, 200, PLACE_PUBLIC, "yes"}, CHECK_OK, "ok"},
        {"https://a.b", {FETCH_ANSWERED, 200, PLACE_PRIVATE, "yes"}, CHECK_OK, "private"},
        {"https://a.b", {FETCH_ANSWERED, 200, PLACE_LOOPBACK, "yes"}, CHECK_WRONG, "loopback"},
        {"http://a.b", {FETCH_ANSWERED, 200, PLACE_PUBLIC, "yes"}, CHECK_WRONG, "no_https"},
        {"https://a.b", {FETCH_ANSWERED, 200, PLACE_PUBLIC, "no"}, CHECK_WRONG, "someone_else"},
        {"https://a.b", {FETCH_ANSWERED, 404, PLACE_PUBLIC, "yes"}, CHECK_WRONG, "someone_else"},
        {"https://a.b", {FETCH_ANSWERED, 301, PLACE_PUBLIC, ""}, CHECK_WRONG, "redirects"},
        {"https://a.b", {FETCH_CERTIFICATE}, CHECK_WRONG, "certificate"},
        {"https://a.b", {FETCH_NO_NAME}, CHECK_WRONG, "no_name"},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        const char *code;
        g_assert_cmpint(address_url_judge(cases[i].url, &cases[i].answer, "yes", &code), ==,
                        cases[i].state);
        g_assert_cmpstr(code, ==, cases[i].code);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/domain/spf", spf);
    g_test_add_func("/domain/spf-unknown", spf_of_unknown_providers);
    g_test_add_func("/domain/dkim", dkim_keys);
    g_test_add_func("/domain/dmarc", dmarc);
    g_test_add_func("/domain/alignment", alignment);
    g_test_add_func("/dkim/rfc", the_example_of_the_rfc);
    g_test_add_func("/dkim/little", signatures_that_say_little);
    g_test_add_func("/dkim/none", what_is_no_mail);
    g_test_add_func("/address/url", public_addresses);
    return g_test_run();
}
