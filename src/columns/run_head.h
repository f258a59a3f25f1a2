/* columns/run_head.h: the newest entries of a multimap, in memory, not yet sorted.
 *
 * Hash chains over one bounded array. One writer appends; any number of readers look up at the
 * same time without locks: an entry is written completely before the bucket points to it
 * (release/acquire), and is never changed afterwards. Memory is touched only as it fills.
 */
#pragma once
#include "columns/run_sort.h"

#include <glib.h>

enum { RUN_HEAD_ENTRIES_MAX = 1 << 24 };

typedef struct RunHead RunHead;

/* Called for each value found, newest first; false stops. */
typedef bool (*RunHeadEach)(void *context, uint64_t value);

/* A head for up to `capacity` entries, 1 to RUN_HEAD_ENTRIES_MAX; reference counted.
 * NULL when memory is short. */
RunHead *run_head_new(uint32_t capacity, uint64_t number);
RunHead *run_head_ref(RunHead *head);
void run_head_unref(RunHead *head);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RunHead, run_head_unref)

/* Appends an entry (mixed key); false when the head is full. Writer only. */
bool run_head_add(RunHead *head, uint64_t mixed, uint64_t value);

/* Raises the highest event id that the head covers, with or without an entry. Writer only. */
void run_head_cover(RunHead *head, uint64_t through);
uint64_t run_head_through(const RunHead *head);

uint32_t run_head_count(const RunHead *head);
uint32_t run_head_capacity(const RunHead *head);
uint64_t run_head_number(const RunHead *head);

void run_head_find(const RunHead *head, uint64_t mixed, RunHeadEach each, void *context);

/* Sets hits[i] for every mixed key that is present; leaves the others. The two memory accesses
 * of each look-up are prefetched over the whole batch. */
void run_head_hits(const RunHead *head, const uint64_t *mixed, size_t count, bool *hits);

/* Copies the entries in order of arrival; `ret_pairs` has room for run_head_count. */
void run_head_copy(const RunHead *head, RunPair *ret_pairs);
