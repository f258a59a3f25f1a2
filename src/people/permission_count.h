/* people/permission_count.h: counting everybody's permission, and keeping the count. Private to
 * people/.
 *
 *     permission_count.c   everybody, from the beginning
 *     permission_kept.c    counts that are kept: of whom rows changed since is judged again, and
 *                          whoever's permission ran out
 */
#pragma once
#include "people/people_state.h"
#include "people/permission_judge.h"

/* Fills the entries of a count of a channel, topic and moment; `extra` may be NULL. */
bool permission_count_all(People *people, const Attestation *extra, PermissionCount *count,
                          GError **error);

/* Writer thread, after a commit: whose permission it may have changed (of int64_t); `all`: of
 * everybody. */
void permission_cache_touch(PermissionCache *cache, const GArray *stems, bool all);
