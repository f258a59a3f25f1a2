/* Any cookie, authorization, accept-encoding or forwarded header: read or refused. A cookie value
 * that is found can stand in a Set-Cookie header again. */
#include "net/exchange.h"
#include "net/proxy.h"
#include "net/query.h"
#include "net/ui.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autofree char *cookie = cookie_find(text, "kith");
    char key[128], address[ADDRESS_SIZE];
    if (cookie) g_assert_null(strpbrk(cookie, " ;,\"\\\r\n"));
    if (authorization_key(text, key, sizeof key)) g_assert_cmpuint(strlen(key), <, sizeof key);
    accept_encoding_allows(text, "br");
    proxy_client("127.0.0.1,10.0.0.0/8,::1/128", text, address, sizeof address);
    g_assert_true(*address == '\0' || strpbrk(address, " ,\r\n") == NULL);
    if (proxy_list_check(text, NULL))
        proxy_client(text, "10.1.2.3, 8.8.8.8", address, sizeof address);
    return 0;
}
