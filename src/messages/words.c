#include "messages/words.h"

#include <string.h>

#include "messages/messages_private.h"
#include "people/trait.h"
#include "timeline/business.h"

static const struct {
    const char *en, *de;
} words[WORDS] = {
    [WORD_WHY] = {"You get this mail because you agreed to hear from %s, or bought there.",
                  "Sie bekommen diese Mail, weil Sie zugestimmt haben, von %s zu hören, oder dort "
                  "gekauft haben."},
    [WORD_UNSUBSCRIBE] = {"Unsubscribe", "Abmelden"},
    [WORD_PREFERENCES] = {"What I want to hear", "Was ich hören möchte"},
    [WORD_ASK_TITLE] = {"No more mails?", "Keine Mails mehr?"},
    [WORD_ASK] = {"One click, and %s will not write to this address again.",
                  "Ein Klick, und %s schreibt nicht mehr an diese Adresse."},
    [WORD_ASK_BUTTON] = {"Unsubscribe", "Abmelden"},
    [WORD_DONE_TITLE] = {"Done", "Erledigt"},
    [WORD_DONE] = {"%s will not write to this address again.",
                   "%s schreibt nicht mehr an diese Adresse."},
    [WORD_UNDER_WAY] = {"One mail was already on its way when you clicked; it is the last.",
                        "Eine Mail war bei Ihrem Klick schon unterwegs; sie ist die letzte."},
    [WORD_TEST_DONE] = {"This was a test mail: unsubscribing works.",
                        "Das war eine Testmail: Abmelden funktioniert."},
    [WORD_UNKNOWN_TITLE] = {"This link leads nowhere", "Dieser Link führt nirgendwohin"},
    [WORD_UNKNOWN] = {"It was not copied whole, perhaps. The link at the foot of a mail works for "
                      "ever.",
                      "Vielleicht wurde er nicht ganz kopiert. Der Link am Fuß einer Mail gilt "
                      "für immer."},
    [WORD_PREFERENCES_TITLE] = {"Mails from %s", "Mails von %s"},
    [WORD_STATE_YES] = {"We write to you.", "Wir schreiben Ihnen."},
    [WORD_STATE_NO] = {"We do not write to you.", "Wir schreiben Ihnen nicht."},
    [WORD_YES_BUTTON] = {"Write to me", "Schreiben Sie mir"},
    [WORD_YES_TEXT] = {"I would like mails from %s. I can say no at any time.",
                       "Ich möchte Mails von %s. Ich kann jederzeit Nein sagen."},
    [WORD_SAVED] = {"Saved.", "Gespeichert."},
};

const char *word_text(Word word, const char *language)
{
    return g_strcmp0(language, "de") == 0 ? words[word].de : words[word].en;
}

static bool language_of(const Trait *trait, char ret_language[3])
{
    json_t *value = json_loads(trait->json, JSON_DECODE_ANY, NULL);
    const char *text = json_string_value(value);
    bool known =
        text && strlen(text) >= 2 &&
        (g_ascii_strncasecmp(text, "en", 2) == 0 || g_ascii_strncasecmp(text, "de", 2) == 0);
    if (known) {
        ret_language[0] = (char)g_ascii_tolower(text[0]);
        ret_language[1] = (char)g_ascii_tolower(text[1]);
        ret_language[2] = '\0';
    }
    json_decref(value);
    return known;
}

bool words_language(Messages *messages, Db *db, int64_t person_id, char ret_language[3],
                    GError **error)
{
    static const char *const names[] = {"language", "locale"};
    Business business;
    if (!business_load(db, &business, error)) return false;
    g_strlcpy(ret_language, business.language, 3);
    for (size_t i = 0; person_id > 0 && i < G_N_ELEMENTS(names); i++) {
        TraitQuery query = {person_id, names[i], INT64_MAX, INT64_MAX};
        g_autoptr(GPtrArray) traits =
            people_traits_load(messages->options.people, db, &query, error);
        if (!traits) return false;
        for (guint at = 0; at < traits->len; at++)
            if (language_of(traits->pdata[at], ret_language)) return true;
    }
    return true;
}
