/* net/audit.h: who did what, for ever, without personal data.
 *
 * Written in the same transaction as the act. `subject` is a kind and an id, never a name or an
 * address; `detail` is JSON without personal data.
 *
 *     AuditEntry entry = {.audit_id = id, .at = now_ms, .by = &actor, .action = "person.erase",
 *                         .kind = "person", .id = person_id};
 *     return audit_add(db, &entry, error);
 */
#pragma once
#include "net/request.h"
#include "store/db.h"

typedef struct AuditEntry {
    int64_t audit_id;   /* store_id_next */
    int64_t at;         /* UTC ms */
    const Actor *by;    /* NULL: Kith itself */
    const char *action; /* "key.create", "person.erase" */
    const char *kind;   /* "person", "key", "account", "business" */
    int64_t id;         /* 0: there is only one */
    const char *detail; /* JSON or NULL */
} AuditEntry;

bool audit_add(Db *db, const AuditEntry *entry, GError **error);

enum { ACTOR_TEXT_SIZE = 32 };

/* "account 12", "key 34", "command line", "kith": how an actor is written in the store. */
void actor_text(const Actor *actor, char text[ACTOR_TEXT_SIZE]);
