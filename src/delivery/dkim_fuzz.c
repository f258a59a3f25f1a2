/* Any text as a mail, as a key record and as a tag list: read in bounds, nothing verifies by
 * chance. */
#include "delivery/dkim.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_auto(DkimMail) mail = {0};
    g_auto(DkimKey) key = {0}, other = {0};
    g_autofree char *text = g_strndup((const char *)data, size);
    dkim_key_read(text, &other);
    g_assert_true(
        dkim_key_read("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", &key));
    dkim_read(text, strlen(text), &mail);
    for (int i = 0; i < mail.count; i++) {
        const DkimSignature *signature = &mail.items[i];
        const char *why = dkim_verify(signature, &key, 1);
        g_assert_true(why || (signature->signs_from && signature->body_matches));
    }
    return 0;
}
