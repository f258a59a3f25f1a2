/* messages/markdown.h: from what an owner writes (Markdown with Liquid in it) to HTML with Liquid
 * in it, and from a mail's HTML to its plain text. Pure.
 *
 * Liquid is taken out before Markdown is read and put back behind it: what a customer is called is
 * put in afterwards, escaped, and can never become a heading, a link or an image.
 */
#pragma once
#include <glib.h>

#include "base/error.h"

enum { MARKDOWN_TAGS_MAX = 2000 /* Liquid tags of one text */ };

/* The HTML of a text, Liquid tags as they stood; the caller frees. Errors: KITH_ERROR_LIMIT. */
char *markdown_html(const char *source, GError **error);

/* The plain text of our own HTML: blocks apart, links as "words (address)". The caller frees. */
char *markdown_text(const char *html);

/* &amp; &lt; &gt; &quot; &#39; undone, in place. */
void markdown_unescape(char *text);
