#include "measure/letter_words.h"

#include "base/money.h"
#include "base/zones.h"

#include <math.h>
#include <string.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

enum { TEXT_MAX = 96 };

static bool is_german(const LetterFacts *facts) { return g_strcmp0(facts->language, "de") == 0; }

/* The words of one language or the other. */
static const char *say(const LetterFacts *facts, const char *english, const char *german)
{
    return is_german(facts) ? german : english;
}

/* ---- numbers and dates ---- */

static char *utf8(const UChar *text, int32_t size)
{
    char out[TEXT_MAX * 3];
    UErrorCode code = U_ZERO_ERROR;
    u_strToUTF8(out, sizeof out, NULL, text, size, &code);
    return U_SUCCESS(code) ? g_strdup(out) : NULL;
}

static char *count_text(const LetterFacts *facts, int64_t count)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar text[TEXT_MAX];
    UNumberFormat *format =
        unum_open(UNUM_DECIMAL, NULL, 0, say(facts, "en_GB", "de_DE"), NULL, &code);
    int32_t size =
        U_SUCCESS(code) ? unum_formatInt64(format, count, text, TEXT_MAX, NULL, &code) : 0;
    char *out = U_SUCCESS(code) ? utf8(text, size) : NULL;
    if (format) unum_close(format);
    return out ? out : g_strdup_printf("%" G_GINT64_FORMAT, count);
}

/* Whole units: a letter is no ledger. */
static char *money_text(const LetterFacts *facts, int64_t minor)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar text[TEXT_MAX], currency[CURRENCY_SIZE];
    int digits = *facts->currency ? currency_digits(facts->currency) : -1;
    double units = (double)minor / pow(10, MAX(digits, 0));
    if (digits < 0) return count_text(facts, minor / 100);
    u_charsToUChars(facts->currency, currency, CURRENCY_SIZE);
    UNumberFormat *format =
        unum_open(UNUM_CURRENCY, NULL, 0, say(facts, "en_GB", "de_DE"), NULL, &code);
    if (U_FAILURE(code)) return count_text(facts, (int64_t)units);
    unum_setTextAttribute(format, UNUM_CURRENCY_CODE, currency, 3, &code);
    unum_setAttribute(format, UNUM_MAX_FRACTION_DIGITS, 0);
    unum_setAttribute(format, UNUM_MIN_FRACTION_DIGITS, 0);
    int32_t size = unum_formatDouble(format, units, text, TEXT_MAX, NULL, &code);
    unum_close(format);
    char *out = U_SUCCESS(code) ? utf8(text, size) : NULL;
    return out ? out : count_text(facts, (int64_t)units);
}

static char *day_text(const LetterFacts *facts, int32_t day, bool with_year)
{
    static const char *const english[] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
    static const char *const german[] = {"Januar",    "Februar", "M\u00e4rz", "April",
                                         "Mai",       "Juni",    "Juli",      "August",
                                         "September", "Oktober", "November",  "Dezember"};
    int year, month, number;
    civil_from_days(day, &year, &month, &number);
    const char *name = is_german(facts) ? german[month - 1] : english[month - 1];
    g_autofree char *end = with_year ? g_strdup_printf(" %d", year) : g_strdup("");
    return g_strdup_printf(say(facts, "%d %s%s", "%d. %s%s"), number, name, end);
}

/* ---- sentences ---- */

static char *sentence_stale(const LetterFacts *facts)
{
    g_autofree char *day = day_text(facts, facts->newest_day, true);
    return g_strdup_printf(
        say(facts,
            "Kith knows of no order since %s, so there is nothing to say about last week: bring "
            "in a newer export, or connect the shop.",
            "Seit dem %s kennt Kith keine Bestellung, \u00fcber die letzte Woche l\u00e4sst sich "
            "also "
            "nichts sagen: Lesen Sie einen neueren Export ein oder verbinden Sie den Shop."),
        day);
}

static char *sentence_changed(const LetterFacts *facts)
{
    g_autofree char *from = day_text(facts, facts->from, false);
    g_autofree char *to = day_text(facts, facts->to - 1, false);
    g_autofree char *orders = count_text(facts, facts->orders);
    g_autofree char *before = count_text(facts, facts->orders_before);
    g_autofree char *sum = money_text(facts, facts->revenue);
    g_autofree char *sum_before = money_text(facts, facts->revenue_before);
    return g_strdup_printf(
        say(facts, "From %s to %s Kith counted %s %s worth %s; the week before it was %s worth %s.",
            "Vom %s bis %s z\u00e4hlte Kith %s %s \u00fcber %s; in der Woche davor waren es %s "
            "\u00fcber %s."),
        from, to, orders,
        say(facts, facts->orders == 1 ? "order" : "orders",
            facts->orders == 1 ? "Bestellung" : "Bestellungen"),
        sum, before, sum_before);
}

static char *sentence_new(const LetterFacts *facts)
{
    g_autofree char *all = count_text(facts, facts->customers);
    g_autofree char *fresh = count_text(facts, facts->customers_new);
    if (facts->customers == 1)
        return g_strdup(facts->customers_new == 1
                            ? say(facts, "The one customer by name bought for the first time.",
                                  "Der eine Kunde mit Namen kaufte zum ersten Mal.")
                            : say(facts, "The one customer by name had bought before.",
                                  "Der eine Kunde mit Namen hatte schon einmal gekauft."));
    return g_strdup_printf(
        say(facts, "They came from %s customers known by name, %s of them for the first time.",
            "Sie kamen von %s namentlich bekannten Kunden, davon %s zum ersten Mal."),
        all, fresh);
}

static char *sentence_thanks(const LetterFacts *facts)
{
    GString *names = g_string_new(NULL);
    guint count = g_strv_length((char **)facts->thanks);
    for (guint i = 0; i < count; i++) {
        if (i > 0) g_string_append(names, i + 1 < count ? ", " : say(facts, " and ", " und "));
        g_string_append(names, facts->thanks[i]);
    }
    g_autofree char *list = g_string_free(names, FALSE);
    return g_strdup_printf(say(facts, "Who bought most and deserves a thank-you: %s.",
                               "Am meisten gekauft und ein Danke verdient haben: %s."),
                           list);
}

static char *sentence_doing(const LetterFacts *facts)
{
    g_autofree char *count = count_text(facts, facts->quiet);
    g_autofree char *stake = money_text(facts, facts->quiet_stake);
    if (facts->quiet == 1)
        return g_strdup_printf(
            say(facts,
                "Worth doing: one good customer has been quiet for longer than usual; last year "
                "they spent %s.",
                "Das lohnt sich: Eine gute Kundin oder ein guter Kunde ist l\u00e4nger still als "
                "sonst; im letzten Jahr waren das %s."),
            stake);
    return g_strdup_printf(
        say(facts,
            "Worth doing: %s good customers have been quiet for longer than is usual for them; "
            "last year they spent %s.",
            "Das lohnt sich: %s gute Kunden sind l\u00e4nger still, als es f\u00fcr sie "
            "\u00fcblich ist; im "
            "letzten Jahr gaben sie %s aus."),
        count, stake);
}

/* ---- what was sent, and what not ---- */

static const struct {
    const char *reason;
    LetterWhy why;
} whys[] = {
    {"left_alone", LETTER_WHY_ALONE},
    {"no_basis", LETTER_WHY_NO_YES},
    {"pending", LETTER_WHY_NO_YES},
    {"expired", LETTER_WHY_NO_YES},
    {"declined", LETTER_WHY_NO},
    {"denied", LETTER_WHY_NO},
    {"unsubscribed", LETTER_WHY_NO},
    {"complained", LETTER_WHY_NO},
    {"manual", LETTER_WHY_NO},
    {"bounced", LETTER_WHY_DEAD},
    {"cleaned", LETTER_WHY_DEAD},
    {"no_address", LETTER_WHY_DEAD},
    {"unconfirmed_address", LETTER_WHY_DEAD},
    {"no_such_mailbox", LETTER_WHY_DEAD},
    {"quiet_hours", LETTER_WHY_MANNERS},
    {"too_soon", LETTER_WHY_MANNERS},
    {"week_full", LETTER_WHY_MANNERS},
    {"too_late", LETTER_WHY_MANNERS},
    {"same_address", LETTER_WHY_TWICE},
    {"reached_before", LETTER_WHY_TWICE},
    {"stopped", LETTER_WHY_STOPPED},
    {"refused_by_relay", LETTER_WHY_REFUSED},
    {"relay_busy", LETTER_WHY_REFUSED},
    {"sender_blocked", LETTER_WHY_REFUSED},
    {"text_failed", LETTER_WHY_TEXT},
};

static const struct {
    const char *english, *german;
} why_words[LETTER_WHYS] = {
    [LETTER_WHY_ALONE] = {"left alone to compare", "zum Vergleich in Ruhe gelassen"},
    [LETTER_WHY_NO_YES] = {"never said that you may write", "ohne Erlaubnis, zu schreiben"},
    [LETTER_WHY_NO] = {"said no", "mit einem Nein"},
    [LETTER_WHY_DEAD] = {"without an address that works", "ohne eine Adresse, die geht"},
    [LETTER_WHY_MANNERS] = {"out of good manners, until it was too late",
                            "aus Rücksicht, bis es zu spät war"},
    [LETTER_WHY_TWICE] = {"reached already", "schon erreicht"},
    [LETTER_WHY_STOPPED] = {"because the mailing was stopped", "weil das Mailing anhielt"},
    [LETTER_WHY_REFUSED] = {"refused by the mail server", "vom Mailserver abgelehnt"},
    [LETTER_WHY_TEXT] = {"whose text could not be made", "deren Text nicht zu bilden war"},
    [LETTER_WHY_UNKNOWN] = {"that may have arrived or not", "bei denen es niemand weiß"},
    [LETTER_WHY_OTHER] = {"for other reasons", "aus anderen Gründen"},
};

LetterWhy letter_why(const char *state, const char *reason)
{
    if (g_strcmp0(state, "unknown") == 0) return LETTER_WHY_UNKNOWN;
    for (size_t i = 0; i < G_N_ELEMENTS(whys); i++)
        if (g_strcmp0(whys[i].reason, reason) == 0) return whys[i].why;
    return g_strcmp0(state, "refused") == 0 ? LETTER_WHY_REFUSED : LETTER_WHY_OTHER;
}

/* "190 left alone to compare, 60 said no", most first; NULL when there is nothing. */
static char *unsent_text(const LetterFacts *facts, int64_t *ret_count)
{
    int64_t left[LETTER_WHYS];
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    memcpy(left, facts->unsent, sizeof left);
    *ret_count = 0;
    for (;;) {
        int most = 0;
        for (int i = 1; i < LETTER_WHYS; i++)
            if (left[i] > left[most]) most = i;
        if (left[most] <= 0) break;
        g_autofree char *count = count_text(facts, left[most]);
        g_ptr_array_add(
            parts, g_strdup_printf("%s %s", count,
                                   say(facts, why_words[most].english, why_words[most].german)));
        *ret_count += left[most];
        left[most] = 0;
    }
    g_ptr_array_add(parts, NULL);
    return *ret_count ? g_strjoinv(", ", (char **)parts->pdata) : NULL;
}

static char *sent_text(const LetterFacts *facts)
{
    g_autofree char *sent = count_text(facts, facts->sent);
    g_autofree char *mailings = count_text(facts, facts->mailings);
    if (!facts->mailings)
        return g_strdup_printf(
            say(facts, "To your customers Kith sent %s %s last week, of an earlier mailing.",
                "An Ihre Kunden hat Kith letzte Woche %s %s eines früheren Mailings verschickt."),
            sent,
            say(facts, facts->sent == 1 ? "mail" : "mails", facts->sent == 1 ? "Mail" : "Mails"));
    return g_strdup_printf(
        say(facts, "To your customers Kith sent %s %s last week, with %s %s.",
            "An Ihre Kunden hat Kith letzte Woche %s %s verschickt, mit %s %s."),
        sent, say(facts, facts->sent == 1 ? "mail" : "mails", facts->sent == 1 ? "Mail" : "Mails"),
        mailings,
        say(facts, facts->mailings == 1 ? "mailing" : "mailings",
            facts->mailings == 1 ? "Mailing" : "Mailings"));
}

static char *sentence_sent(const LetterFacts *facts)
{
    int64_t count = 0;
    g_autofree char *why = unsent_text(facts, &count);
    if (!facts->mailings && !facts->sent && !why)
        return g_strdup(say(facts,
                            "To your customers Kith sent nothing last week: there was no mailing.",
                            "An Ihre Kunden hat Kith letzte Woche nichts verschickt: Es gab kein "
                            "Mailing."));
    g_autofree char *sent = sent_text(facts);
    if (!why) return g_steal_pointer(&sent);
    g_autofree char *number = count_text(facts, count);
    return g_strdup_printf(say(facts, "%s Not sent: %s, namely %s.",
                               "%s Nicht verschickt: %s, "
                               "nämlich %s."),
                           sent, number, why);
}

static void add(GPtrArray *parts, char *steal) { g_ptr_array_add(parts, steal); }

static void sentences_add(const LetterFacts *facts, GPtrArray *parts)
{
    if (facts->stale)
        add(parts, sentence_stale(facts));
    else
        add(parts, sentence_changed(facts));
    if (!facts->stale && facts->customers > 0) add(parts, sentence_new(facts));
    if (!facts->stale && facts->thanks[0]) add(parts, sentence_thanks(facts));
    if (facts->quiet > 0) add(parts, sentence_doing(facts));
    if (facts->quiet > 0 && facts->link) add(parts, g_strdup(facts->link));
    add(parts, sentence_sent(facts));
}

char *letter_text(const LetterFacts *facts)
{
    g_autoptr(GPtrArray) parts = g_ptr_array_new_with_free_func(g_free);
    bool named = facts->name && *facts->name;
    add(parts, g_strdup_printf("%s%s%s,", say(facts, "Good morning", "Guten Morgen"),
                               named ? " " : "", named ? facts->name : ""));
    sentences_add(facts, parts);
    add(parts, g_strdup(say(facts, "Kith\nYou can turn this letter off under Settings, Sending.",
                            "Kith\nAbbestellen k\u00f6nnen Sie diesen Brief unter Einstellungen, "
                            "Versand.")));
    g_ptr_array_add(parts, NULL);
    return g_strjoinv("\n\n", (char **)parts->pdata);
}

char *letter_subject(const LetterFacts *facts)
{
    g_autofree char *orders = count_text(facts, facts->orders);
    g_autofree char *sum = money_text(facts, facts->revenue);
    if (facts->stale)
        return g_strdup(say(facts, "Your week: nothing new from the shop",
                            "Ihre Woche: nichts Neues vom Shop"));
    return g_strdup_printf(say(facts, "Your week: %s %s, %s", "Ihre Woche: %s %s, %s"), orders,
                           say(facts, facts->orders == 1 ? "order" : "orders",
                               facts->orders == 1 ? "Bestellung" : "Bestellungen"),
                           sum);
}
