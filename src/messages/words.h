/* messages/words.h: what customers read: the foot of a mail and the public pages, en and de.
 *
 * The language is the person's own (trait `language` or `locale`), else the business's.
 */
#pragma once
#include "messages/messages.h"

typedef enum Word {
    WORD_WHY, /* why they get this mail; %s: the business */
    WORD_UNSUBSCRIBE,
    WORD_PREFERENCES,
    WORD_ASK_TITLE,
    WORD_ASK, /* %s: the business */
    WORD_ASK_BUTTON,
    WORD_DONE_TITLE,
    WORD_DONE, /* %s: the business */
    WORD_UNDER_WAY,
    WORD_TEST_DONE,
    WORD_UNKNOWN_TITLE,
    WORD_UNKNOWN,
    WORD_PREFERENCES_TITLE, /* %s: the business */
    WORD_STATE_YES,
    WORD_STATE_NO,
    WORD_YES_BUTTON,
    WORD_YES_TEXT, /* what somebody agrees to; kept as the text that was shown; %s */
    WORD_SAVED,
    WORDS
} Word;

/* A text in "en" or "de" (others: "en"); never NULL. */
const char *word_text(Word word, const char *language);

/* The person's language, "en" or "de". Any connection. */
bool words_language(Messages *messages, Db *db, int64_t person_id, char ret_language[3],
                    GError **error);
