#include "people/link.h"

enum { SLOTS_MIN = 64, ENTRIES_MIN = 32 };

/* One edge. `next` chains the edges that hang on the same parent; 0 ends a chain, as entry 0 is
 * never used. */
typedef struct Edge {
    int64_t stem;
    int64_t parent;
    uint32_t next;
} __attribute__((packed)) Edge;

/* Open addressing over entry numbers, 0 = free. Keys live in the entries. */
typedef struct Index {
    uint32_t *slots;
    size_t slot_count; /* a power of two */
    size_t used;
    bool by_parent;
} Index;

struct Links {
    Edge *edges;
    size_t edge_count;    /* entries in use or free-listed, including entry 0 */
    size_t edge_capacity; /* entries of memory */
    uint32_t free_head;   /* chain of ended entries */
    size_t live;
    Index stems;   /* stem -> edge */
    Index parents; /* parent -> first edge of its chain */
};

/* splitmix64: ids are minted here and visitor stems are keyed hashes, nobody aims at them. */
static uint64_t key_mix(int64_t key)
{
    uint64_t x = (uint64_t)key + 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static inline int64_t edge_key(const Links *links, const Index *index, uint32_t edge)
{
    return index->by_parent ? links->edges[edge].parent : links->edges[edge].stem;
}

static size_t index_slot(const Links *links, const Index *index, int64_t key)
{
    size_t mask = index->slot_count - 1;
    size_t slot = (size_t)key_mix(key) & mask;
    while (index->slots[slot] && edge_key(links, index, index->slots[slot]) != key)
        slot = (slot + 1) & mask;
    return slot;
}

static void index_resize(Links *links, Index *index, size_t slot_count)
{
    uint32_t *old = index->slots;
    size_t old_count = index->slot_count;
    index->slots = g_new0(uint32_t, slot_count);
    index->slot_count = slot_count;
    for (size_t i = 0; i < old_count; i++)
        if (old[i]) index->slots[index_slot(links, index, edge_key(links, index, old[i]))] = old[i];
    g_free(old);
}

/* Sets the entry of a key that is in no slot yet, or replaces the one that is. */
static void index_put(Links *links, Index *index, int64_t key, uint32_t edge)
{
    if ((index->used + 1) * 4 > index->slot_count * 3)
        index_resize(links, index, index->slot_count * 2);
    size_t slot = index_slot(links, index, key);
    if (!index->slots[slot]) index->used++;
    index->slots[slot] = edge;
}

/* Backward shift: closes the gap, so that no tombstones slow later looks. */
static void index_remove(Links *links, Index *index, int64_t key)
{
    size_t mask = index->slot_count - 1;
    size_t hole = index_slot(links, index, key);
    g_assert(index->slots[hole]);
    index->slots[hole] = 0;
    index->used--;
    for (size_t i = (hole + 1) & mask; index->slots[i]; i = (i + 1) & mask) {
        size_t home = (size_t)key_mix(edge_key(links, index, index->slots[i])) & mask;
        if (((i - home) & mask) < ((i - hole) & mask)) continue;
        index->slots[hole] = index->slots[i];
        index->slots[i] = 0;
        hole = i;
    }
}

static size_t slots_for(size_t expected)
{
    size_t slot_count = SLOTS_MIN;
    while (slot_count * 3 < expected * 4)
        slot_count *= 2;
    return slot_count;
}

Links *links_new(size_t expected)
{
    Links *links = g_new0(Links, 1);
    links->edge_capacity = MAX(expected + 1, ENTRIES_MIN);
    links->edges = g_new(Edge, links->edge_capacity);
    links->edge_count = 1;
    links->parents.by_parent = true;
    index_resize(links, &links->stems, slots_for(expected));
    index_resize(links, &links->parents, slots_for(expected));
    return links;
}

void links_free(Links *links)
{
    if (!links) return;
    g_free(links->edges);
    g_free(links->stems.slots);
    g_free(links->parents.slots);
    g_free(links);
}

int64_t links_parent(const Links *links, int64_t stem)
{
    uint32_t edge = links->stems.slots[index_slot(links, &links->stems, stem)];
    return edge ? links->edges[edge].parent : 0;
}

int64_t links_person(const Links *links, int64_t stem)
{
    for (int64_t parent; (parent = links_parent(links, stem)) != 0;)
        stem = parent;
    return stem;
}

static uint32_t links_children(const Links *links, int64_t parent)
{
    return links->parents.slots[index_slot(links, &links->parents, parent)];
}

/* Breadth first: `stems` is its own queue, so a deep chain needs no stack. */
void links_stems(const Links *links, int64_t person, GArray *stems)
{
    guint at = stems->len;
    g_array_append_val(stems, person);
    for (; at < stems->len; at++) {
        uint32_t edge = links_children(links, g_array_index(stems, int64_t, at));
        for (; edge; edge = links->edges[edge].next) {
            int64_t stem = links->edges[edge].stem;
            g_array_append_val(stems, stem);
        }
    }
}

size_t links_count_stems(const Links *links, int64_t person, size_t most)
{
    if (!links_children(links, person)) return 1;
    g_autoptr(GArray) stems = g_array_new(FALSE, FALSE, sizeof(int64_t));
    links_stems(links, person, stems);
    return MIN(stems->len, most);
}

static uint32_t edge_take(Links *links)
{
    if (links->free_head) {
        uint32_t edge = links->free_head;
        links->free_head = links->edges[edge].next;
        return edge;
    }
    if (links->edge_count == links->edge_capacity) {
        links->edge_capacity += links->edge_capacity / 2;
        links->edges = g_renew(Edge, links->edges, links->edge_capacity);
    }
    g_assert(links->edge_count < UINT32_MAX);
    return (uint32_t)links->edge_count++;
}

bool links_add(Links *links, int64_t stem, int64_t person)
{
    g_assert(stem != 0 && person != 0);
    if (links_parent(links, stem) != 0) return false;
    if (links_person(links, person) == stem) return false;
    uint32_t edge = edge_take(links);
    links->edges[edge] = (Edge){stem, person, links_children(links, person)};
    index_put(links, &links->stems, stem, edge);
    index_put(links, &links->parents, person, edge);
    links->live++;
    return true;
}

/* Takes the edge out of its parent's chain. */
static void edge_unchain(Links *links, uint32_t edge)
{
    int64_t parent = links->edges[edge].parent;
    uint32_t next = links->edges[edge].next;
    uint32_t head = links_children(links, parent);
    if (head == edge && next) {
        index_put(links, &links->parents, parent, next);
        return;
    }
    if (head == edge) {
        index_remove(links, &links->parents, parent);
        return;
    }
    while (links->edges[head].next != edge)
        head = links->edges[head].next;
    links->edges[head].next = next;
}

bool links_end(Links *links, int64_t stem)
{
    uint32_t edge = links->stems.slots[index_slot(links, &links->stems, stem)];
    if (!edge) return false;
    index_remove(links, &links->stems, stem);
    edge_unchain(links, edge);
    links->edges[edge] = (Edge){0, 0, links->free_head};
    links->free_head = edge;
    links->live--;
    return true;
}

size_t links_count(const Links *links) { return links->live; }

size_t links_bytes(const Links *links)
{
    size_t slots = links->stems.slot_count + links->parents.slot_count;
    return links->edge_capacity * sizeof(Edge) + slots * sizeof(uint32_t);
}
