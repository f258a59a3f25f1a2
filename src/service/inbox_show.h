/* service/inbox_show.h: conversations as JSON. New references; NULL with an error. Any reader. */
#pragma once
#include "service/inbox_private.h"

/* A place in the list, newest first. */
typedef struct InboxPlace {
    const char *state; /* open | done | apart */
    int64_t last_at, conversation_id;
} InboxPlace;

/* From a cursor ("1234-5"); NULL: the top. Errors: INVALID. */
bool inbox_place_parse(const char *cursor, InboxPlace *place, GError **error);

json_t *inbox_list_json(Inbox *inbox, Db *db, const InboxPlace *place, GError **error);
json_t *inbox_conversation_json(Inbox *inbox, Db *db, int64_t conversation_id, GError **error);
