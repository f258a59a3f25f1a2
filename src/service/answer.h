/* service/answer.h: answering a conversation by mail. */
#pragma once
#include "service/inbox_private.h"

typedef struct Answer {
    int64_t conversation_id;
    int64_t seen;      /* mail that was the newest for who answers */
    const char *text;  /* plain, INBOX_ANSWER_MAX bytes */
    bool done;         /* and that was all */
    const char *actor; /* as in `audit` */
    int64_t mail_id;   /* out */
} Answer;

/* Keeps the answer and asks for its sending. In a unit of the writer. Errors: NOT_FOUND, CONFLICT
 * (somebody wrote meanwhile, nobody can be answered, no sender). */
bool answer_add(Inbox *inbox, Db *db, Answer *answer, GError **error);
