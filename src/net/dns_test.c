/* Answers of name servers as bytes: what is read of them, and what is not. */
#include "net/dns.h"

#include "base/error.h"
#include "net/fetch.h"

#include <string.h>

/* A message that answers for "a.b" (at offset 12) with what follows. */
static GByteArray *message(uint8_t flags, uint8_t code, uint8_t answers)
{
    const uint8_t head[] = {0, 1, flags, code, 0,   1, 0, answers, 0, 0, 0,
                            0, 1, 'a',   1,    'b', 0, 0, 16,      0, 1};
    GByteArray *bytes = g_byte_array_new();
    return g_byte_array_append(bytes, head, sizeof head);
}

static void record_add(GByteArray *bytes, uint8_t type, const void *data, uint8_t size)
{
    const uint8_t head[] = {0xc0, 12, 0, type, 0, 1, 0, 0, 0, 9, 0, size};
    g_byte_array_append(bytes, head, sizeof head);
    g_byte_array_append(bytes, data, size);
}

static void texts_are_joined(void)
{
    GByteArray *bytes = message(0x80, 0, 3);
    record_add(bytes, 5, "\1c\xc0\x0e", 4);
    record_add(bytes, 16, "\3v=s\4pf1 ", 9);
    record_add(bytes, 16, "\4\xc3\xa4\n\0", 5);
    g_auto(DnsAnswer) answer = {0};
    g_assert_true(dns_read(bytes->data, bytes->len, DNS_TXT, &answer));
    g_assert_cmpint(answer.outcome, ==, DNS_FOUND);
    g_assert_cmpstr(answer.alias, ==, "c.b");
    g_assert_cmpuint(answer.records->len, ==, 2);
    g_assert_cmpstr(answer.records->pdata[0], ==, "v=spf1 ");
    g_assert_cmpstr(answer.records->pdata[1], ==, "\?\?\?\?");
    g_byte_array_unref(bytes);
}

static void other_types(void)
{
    GByteArray *bytes = message(0x80, 0, 3);
    record_add(bytes, 15, "\0\12\2MX\xc0\x0e", 7);
    record_add(bytes, 1, "\xc0\0\2\1", 4);
    record_add(bytes, 1, "\xc0\0\2", 3);
    g_auto(DnsAnswer) mx = {0}, a = {0}, six = {0};
    g_assert_true(dns_read(bytes->data, bytes->len, DNS_MX, &mx));
    g_assert_cmpstr(mx.records->pdata[0], ==, "10 mx.b");
    g_assert_true(dns_read(bytes->data, bytes->len, DNS_A, &a));
    g_assert_cmpuint(a.records->len, ==, 1);
    g_assert_cmpstr(a.records->pdata[0], ==, "192.0.2.1");
    g_assert_true(dns_read(bytes->data, bytes->len, DNS_AAAA, &six));
    g_assert_cmpint(six.outcome, ==, DNS_NONE);
    g_byte_array_unref(bytes);
}

static void nonsense_is_no_answer(void)
{
    static const struct {
        const char *why;
        uint8_t flags, code, answers;
        DnsOutcome want;
    } cases[] = {
        {"a question", 0x00, 0, 0, DNS_FAILED},
        {"server failure", 0x80, 2, 0, DNS_FAILED},
        {"refused", 0x80, 5, 0, DNS_FAILED},
        {"no such name", 0x80, 3, 0, DNS_NONE},
        {"promises a record that is not there", 0x80, 0, 1, DNS_FAILED},
        {"nothing of it", 0x80, 0, 0, DNS_NONE},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_test_message("%s", cases[i].why);
        GByteArray *bytes = message(cases[i].flags, cases[i].code, cases[i].answers);
        g_auto(DnsAnswer) answer = {0};
        dns_read(bytes->data, bytes->len, DNS_TXT, &answer);
        g_assert_cmpint(answer.outcome, ==, cases[i].want);
        g_byte_array_unref(bytes);
    }
    GByteArray *loop = message(0x80, 0, 1);
    record_add(loop, 5, "\xc0\x21", 2);
    g_auto(DnsAnswer) answer = {0};
    dns_read(loop->data, loop->len, DNS_CNAME, &answer);
    g_assert_cmpuint(answer.records->len, ==, 0);
    g_byte_array_unref(loop);
}

static void names_and_servers(void)
{
    static const struct {
        const char *name;
        bool good;
    } names[] = {{"shop.example", true},
                 {"_dmarc.shop.example", true},
                 {"shop", false},
                 {"shop..example", false},
                 {".shop", false},
                 {"shop.", false},
                 {"a b.example", false},
                 {"%{i}.example", false},
                 {"", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_assert_true(dns_name_check(names[i].name) == names[i].good);
    static const char *const bad[] = {"", "localhost", "1.2.3", "1.2.3.4:", "1.2.3.4:0", "::1"};
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_assert_null(dns_new(bad[i], &error));
        g_assert_error(error, KITH_ERROR, KITH_ERROR_INVALID);
    }
    g_autoptr(Dns) dns = dns_new("127.0.0.1:5353", NULL);
    g_assert_true(dns_is_set(dns));
}

static void places(void)
{
    static const struct {
        const char *address;
        FetchPlace want;
    } cases[] = {{"127.0.0.1", PLACE_LOOPBACK},
                 {"127.9.9.9", PLACE_LOOPBACK},
                 {"::1", PLACE_LOOPBACK},
                 {"::ffff:127.0.0.1", PLACE_LOOPBACK},
                 {"10.1.2.3", PLACE_PRIVATE},
                 {"172.16.0.1", PLACE_PRIVATE},
                 {"172.32.0.1", PLACE_PUBLIC},
                 {"192.168.1.1", PLACE_PRIVATE},
                 {"169.254.169.254", PLACE_PRIVATE},
                 {"100.64.0.1", PLACE_PRIVATE},
                 {"0.0.0.0", PLACE_PRIVATE},
                 {"fd00::1", PLACE_PRIVATE},
                 {"fe80::1", PLACE_PRIVATE},
                 {"::ffff:10.0.0.1", PLACE_PRIVATE},
                 {"192.0.2.1", PLACE_PUBLIC},
                 {"2001:db8::1", PLACE_PUBLIC},
                 {"mail.shop.example", PLACE_UNKNOWN},
                 {"", PLACE_UNKNOWN}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        g_assert_cmpint(fetch_place(cases[i].address), ==, cases[i].want);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/dns/texts", texts_are_joined);
    g_test_add_func("/dns/types", other_types);
    g_test_add_func("/dns/nonsense", nonsense_is_no_answer);
    g_test_add_func("/dns/names", names_and_servers);
    g_test_add_func("/fetch/places", places);
    return g_test_run();
}
