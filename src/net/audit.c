#include "net/audit.h"

#include "net/net_sql.h"

void actor_text(const Actor *actor, char text[ACTOR_TEXT_SIZE])
{
    ActorKind kind = actor ? actor->kind : ACTOR_NOBODY;
    switch (kind) {
    case ACTOR_NOBODY:
        g_strlcpy(text, "kith", ACTOR_TEXT_SIZE);
        break;
    case ACTOR_LOCAL:
        g_strlcpy(text, "command line", ACTOR_TEXT_SIZE);
        break;
    case ACTOR_USER:
        g_snprintf(text, ACTOR_TEXT_SIZE, "account %" G_GINT64_FORMAT, actor->id);
        break;
    case ACTOR_KEY:
        g_snprintf(text, ACTOR_TEXT_SIZE, "key %" G_GINT64_FORMAT, actor->id);
        break;
    }
}

bool audit_add(Db *db, const AuditEntry *entry, GError **error)
{
    char actor[ACTOR_TEXT_SIZE], subject[64];
    actor_text(entry->by, actor);
    if (entry->id)
        g_snprintf(subject, sizeof subject, "%s %" G_GINT64_FORMAT, entry->kind, entry->id);
    else
        g_strlcpy(subject, entry->kind, sizeof subject);
    AuditInsertParams params = {.audit_id = entry->audit_id,
                                .at = entry->at,
                                .actor = actor,
                                .action = entry->action,
                                .subject = subject,
                                .detail = entry->detail};
    return sql_audit_insert(db, &params, NULL, error);
}
