/* net/ui.h: the user interface: files that the binary carries, served from memory.
 *
 * tools/ui_bundle.py packs web/dist into a GResource, each file also as .br and .gz. Names under
 * /assets/ bear a hash of their content and are kept by browsers for a year; everything else is
 * asked for again. A path without a file extension is a page of the single-page UI: it gets
 * index.html, with a fresh nonce in its policy and in place of UI_NONCE_MARK.
 *
 *     ui_serve(server);        before it starts; answers what no route matches
 */
#pragma once
#include "net/server.h"

#define UI_NONCE_MARK "__KITH_NONCE__"

void ui_serve(Server *server);

/* May this coding be sent, by the Accept-Encoding of RFC 9110 section 12.5.3? `header` NULL: no.
 * A coding with q=0 is refused; "*" stands for those not named. */
bool accept_encoding_allows(const char *header, const char *coding);
