#include "delivery/notice.h"

#include <stdbool.h>
#include <string.h>

/* %1$s business, %2$s " name" or nothing, %3$s link. */
typedef struct NoticeWords {
    const char *subject, *body;
} NoticeWords;

static const NoticeWords english[NOTICES] = {
    [NOTICE_TEST] = {"A test mail from %1$s",
                     "Hello%2$s,\n\nthis mail left %1$s by the way that is set under Settings, "
                     "Sending. That you read it means: the way works.\n\nLook at the sender and at "
                     "the folder it arrived in. If it lies in the spam folder, the records of your "
                     "domain (SPF, DKIM, DMARC) are the first thing to look at.\n\nKith"},
    [NOTICE_INVITE] = {"You are invited to Kith for %1$s",
                       "Hello%2$s,\n\nyou may now use Kith for %1$s. Choose a password here; the "
                       "link works once and for seven days:\n\n%3$s\n\nIf you did not expect this, "
                       "do nothing.\n\nKith"},
    [NOTICE_RESET] = {"A new password for Kith (%1$s)",
                      "Hello%2$s,\n\nan owner of %1$s asked for a new password for you. Choose it "
                      "here; the link works once and for seven days:\n\n%3$s\n\nUntil then your "
                      "old password stays as it is.\n\nKith"},
};

static const NoticeWords german[NOTICES] = {
    [NOTICE_TEST] = {"Eine Testmail von %1$s",
                     "Hallo%2$s,\n\ndiese Mail hat %1$s auf dem Weg verlassen, der unter "
                     "Einstellungen, Versand eingetragen ist. Dass Sie sie lesen, heißt: Der Weg "
                     "stimmt.\n\nSehen Sie nach, wer als Absender dasteht und in welchem Ordner "
                     "sie liegt. Liegt sie im Spam, prüfen Sie zuerst die Einträge Ihrer Domain "
                     "(SPF, DKIM, DMARC).\n\nKith"},
    [NOTICE_INVITE] = {"Ihr Zugang zu Kith für %1$s",
                       "Hallo%2$s,\n\nSie können jetzt Kith für %1$s benutzen. Wählen Sie hier ein "
                       "Passwort; der Link gilt einmal und sieben Tage lang:\n\n%3$s\n\nWenn Sie "
                       "das nicht erwartet haben, brauchen Sie nichts zu tun.\n\nKith"},
    [NOTICE_RESET] =
        {"Ein neues Passwort für Kith (%1$s)",
         "Hallo%2$s,\n\nfür Sie wurde bei %1$s ein neues Passwort angefordert. Wählen "
         "Sie es hier; der Link gilt einmal und sieben Tage lang:\n\n%3$s\n\nBis dahin "
         "bleibt Ihr altes Passwort, wie es ist.\n\nKith"},
};

static bool is_german(const char *language) { return g_strcmp0(language, "de") == 0; }

/* Puts the facts in place of %1$s to %3$s; nothing else in `form` is read as a format. */
static char *filled(const char *form, const char *const facts[3])
{
    GString *out = g_string_new(NULL);
    for (const char *at = form; *at; at++) {
        bool place = at[0] == '%' && at[1] >= '1' && at[1] <= '3' && at[2] == '$' && at[3] == 's';
        if (place) {
            g_string_append(out, facts[at[1] - '1']);
            at += 3;
        } else {
            g_string_append_c(out, *at);
        }
    }
    return g_string_free(out, FALSE);
}

static bool is_link(const char *text)
{
    return (g_str_has_prefix(text, "https://") || g_str_has_prefix(text, "http://")) &&
           !strpbrk(text, " \n\"<>");
}

static void paragraph_write(GString *out, const char *text)
{
    g_autofree char *safe = g_markup_escape_text(text, -1);
    g_auto(GStrv) lines = g_strsplit(safe, "\n", -1);
    g_autofree char *broken = g_strjoinv("<br>", lines);
    if (is_link(text))
        g_string_append_printf(out, "<p style=\"margin:0 0 16px\"><a href=\"%s\">%s</a></p>\n",
                               safe, safe);
    else
        g_string_append_printf(out, "<p style=\"margin:0 0 16px\">%s</p>\n", broken);
}

char *notice_html(const char *language, const char *text)
{
    GString *out = g_string_new(NULL);
    g_auto(GStrv) paragraphs = g_strsplit(text, "\n\n", -1);
    g_string_append_printf(
        out,
        "<!doctype html>\n<html lang=\"%s\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>Kith</title></head>\n"
        "<body style=\"margin:0;padding:24px;font:16px/1.5 Georgia,serif;color:#1d2420;"
        "background:#ffffff\"><div style=\"max-width:36em\">\n",
        is_german(language) ? "de" : "en");
    for (char **paragraph = paragraphs; *paragraph; paragraph++)
        paragraph_write(out, *paragraph);
    g_string_append(out, "</div></body></html>\n");
    return g_string_free(out, FALSE);
}

void notice_write(NoticeKind kind, const NoticeFacts *facts, Notice *ret_notice)
{
    bool has_name = facts->name && *facts->name, has_business = facts->business && *facts->business;
    const NoticeWords *words = is_german(facts->language) ? &german[kind] : &english[kind];
    g_autofree char *name = has_name ? g_strconcat(" ", facts->name, NULL) : g_strdup("");
    const char *const places[3] = {has_business ? facts->business : "Kith", name,
                                   facts->link ? facts->link : ""};
    ret_notice->subject = filled(words->subject, places);
    ret_notice->text = filled(words->body, places);
    ret_notice->html = notice_html(facts->language, ret_notice->text);
}

void notice_clear(Notice *notice)
{
    g_free(notice->subject);
    g_free(notice->text);
    g_free(notice->html);
    *notice = (Notice){0};
}
