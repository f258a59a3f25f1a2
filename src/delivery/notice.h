/* delivery/notice.h: the words of the mails that Kith writes to its own users.
 *
 * English and German by the reader's language; a plain text and the same as simple HTML (no
 * pictures, no tracking). Everything that comes from people is escaped in the HTML. Pure.
 */
#pragma once
#include <glib.h>

typedef enum NoticeKind { NOTICE_TEST, NOTICE_INVITE, NOTICE_RESET, NOTICES } NoticeKind;

typedef struct NoticeFacts {
    const char *language; /* "de"; anything else is English */
    const char *business; /* name of the business, or "" */
    const char *name;     /* of the reader, or "" */
    const char *link;     /* of an invite and a reset */
} NoticeFacts;

typedef struct Notice {
    char *subject, *text, *html; /* owned */
} Notice;

void notice_write(NoticeKind kind, const NoticeFacts *facts, Notice *ret_notice);
void notice_clear(Notice *notice);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Notice, notice_clear)

/* Paragraphs (divided by an empty line) as HTML; lines that are a link alone become one that can
 * be pressed. The caller frees it. */
char *notice_html(const char *language, const char *text);
