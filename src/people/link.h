/* people/link.h: which rows are one person: merges and identified visitors, in memory.
 *
 * Every row keeps for ever the id it was born under, its *stem*. A merge says that a stem is now
 * part of another person: one edge, from a root to a root. Ending the edge is the undo: nothing
 * was rewritten, so nothing has to be put back. Edges only ever join two trees, so they form a
 * forest and can be ended in any order.
 *
 *     stem > 0   a person id: a row in `person`
 *     stem < 0   a visitor: the negative of a 63-bit keyed hash of (shop, anonymous_id); no
 *                row exists until it is identified, and then only its edge
 *
 * Pure memory; the truth is `person_link`. Not thread safe: `People` guards it (people.h).
 *
 *     Links *links = links_new(0);
 *     links_add(links, b, a);            // b is now part of a
 *     links_person(links, b) == a
 *     links_end(links, b);               // two people again
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LINK_STEMS_MAX = 1000, /* stems of one person: a merge or visitor beyond is refused */
};

typedef struct Links Links;

/* An empty forest with room for `expected` edges (0 = unknown). The caller frees it. */
Links *links_new(size_t expected);
void links_free(Links *links);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Links, links_free)

/* The person a stem belongs to now: the root of its tree, itself when nothing joined it. A
 * visitor that was never identified gives its own negative stem. O(depth), usually one look. */
int64_t links_person(const Links *links, int64_t stem);

/* The stem this stem hangs on, or 0. */
int64_t links_parent(const Links *links, int64_t stem);

/* Appends all stems of the tree under `person` to `stems` (of int64_t), itself first. O(stems). */
void links_stems(const Links *links, int64_t person, GArray *stems);

/* Number of stems in the tree under `person`, itself counted; stops counting at `most`. */
size_t links_count_stems(const Links *links, int64_t person, size_t most);

/* Hangs the root `stem` under `person`. False, and nothing changes, when `stem` already hangs
 * somewhere or when both are of one tree. */
bool links_add(Links *links, int64_t stem, int64_t person);

/* Takes the edge of `stem` away; false when it has none. */
bool links_end(Links *links, int64_t stem);

/* Number of edges. */
size_t links_count(const Links *links);

/* Bytes held. */
size_t links_bytes(const Links *links);
