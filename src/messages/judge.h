/* messages/judge.h: may this person get this message, where, and when? The one answer for the dry
 * run, for planning and for the moment of the hand over, so that they cannot differ.
 *
 * Hard checks first (permission, suppression, erasure: people/permission.h), then good manners
 * (manners.h) over all stems of the person. Reads only; any connection.
 */
#pragma once
#include "messages/manners.h"
#include "messages/messages.h"
#include "people/permission.h"

/* What holds for all people of one mailing. */
typedef struct JudgeRules {
    Manners manners;
    const Zone *zone; /* the business's, for people whose own is not known */
    char topic[64];
    int64_t now_ms; /* the moment that is judged */
} JudgeRules;

/* Reads the manners and the business's zone; `now_ms` is now. */
bool judge_rules_load(Db *db, const char *topic, JudgeRules *ret_rules, GError **error);

typedef struct Judgement {
    bool may;              /* ever; when is said by `wait` */
    const char *reason;    /* why not, a literal */
    MannersAnswer wait;    /* when it may */
    Permission permission; /* address, and what permits it */
    uint8_t address_hash[CONSENT_HASH_SIZE];
} Judgement;

/* A handful of indexed reads. */
bool judge_person(Messages *messages, Db *db, const JudgeRules *rules, int64_t person_id,
                  Judgement *ret_judgement, GError **error);
