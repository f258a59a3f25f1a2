/* delivery/mail_read.h: a mail of the local mailbox as JSON, for people to look at.
 *
 * Ours, but read as if a stranger had written it: parts, sizes and headers are bounded, what is no
 * UTF-8 is replaced. Any thread; g_mime_init must have been called once.
 */
#pragma once
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* {from, to, subject}, and with `whole` {text, html, headers}. Never NULL: what cannot be read as
 * mail has empty fields. New reference. */
json_t *mail_read(const char *data, size_t size, bool whole);
