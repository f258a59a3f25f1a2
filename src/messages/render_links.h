/* messages/render_links.h: the addresses in a mail that lead to us. Private to messages/.
 */
#pragma once
#include "messages/messages_private.h"

/* base_url + `path` + token; the caller frees. A zeroed key makes the token of a test mail. */
char *render_address(const Messages *messages, const char *path, TokenKind kind,
                     const MessageKey *key, uint16_t link_no);

/* `html` with every http(s) link leading through us, so that clicks are counted. Links not met
 * before are recorded first: a redirect leads only to what stood in a mail. NULL on failure. */
char *render_links(Messages *messages, const MessageKey *key, const char *html, GError **error);
