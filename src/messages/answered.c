#include "messages/answered.h"

#include "messages/messages_sql.h"
#include "messages/outbox.h"

bool answered_find(Db *db, int64_t message_id, Answered *ret_answered, bool *ret_found,
                   GError **error)
{
    MessageByNumberParams params = {message_id};
    MessageByNumberRow row;
    if (!sql_message_by_number(db, &params, &row, ret_found, error)) return false;
    if (!*ret_found) return true;
    *ret_answered = (Answered){row.person_id, row.origin, row.occurrence, ""};
    g_strlcpy(ret_answered->address, row.address ? row.address : "", sizeof ret_answered->address);
    return true;
}

bool answered_bounced(Messages *messages, Db *db, const Answered *answered, GError **error)
{
    MessageKey key = {answered->person_id, answered->origin, answered->occurrence};
    return outbox_bounced(messages, db, &key, answered->address, error);
}
