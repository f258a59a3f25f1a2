/* Any answer of a name server: read or refused; what is read is bounded and printable. */
#include "net/dns.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    g_assert_cmpuint(strlen(text), <=, DNS_TEXT_MAX);
    for (const char *c = text; *c; c++)
        g_assert_true(*c >= 0x20 && *c < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (DnsType type = DNS_TXT; type <= DNS_AAAA; type++) {
        g_auto(DnsAnswer) answer = {0};
        bool read = dns_read(data, size, type, &answer);
        g_assert_true(read == (answer.outcome != DNS_FAILED));
        g_assert_cmpuint(answer.records->len, <=, DNS_RECORDS_MAX);
        for (guint i = 0; i < answer.records->len; i++)
            check_text(answer.records->pdata[i]);
        if (answer.alias) check_text(answer.alias);
    }
    return 0;
}
