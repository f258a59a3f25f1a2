#include "segments/feed_private.h"
#include "segments/kernel.h"

static KernelCrowd *crowd_ref(KernelCrowd *crowd)
{
    g_atomic_ref_count_inc(&crowd->count);
    return crowd;
}

void kernel_crowd_unref(KernelCrowd *crowd)
{
    if (!crowd || !g_atomic_ref_count_dec(&crowd->count)) return;
    feed_crowd_unref(crowd->of);
    g_free(crowd->row_of);
    g_free(crowd->several);
    g_free(crowd->straight);
    g_array_unref(crowd->persons);
    g_array_unref(crowd->starts);
    g_array_unref(crowd->members);
    g_free(crowd);
}

typedef struct Member {
    uint32_t person, row;
} Member;

static int member_compare(const void *a_pointer, const void *b_pointer)
{
    const Member *a = a_pointer, *b = b_pointer;
    if (a->person != b->person) return a->person < b->person ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static void several_mark(KernelCrowd *crowd, uint32_t row)
{
    if (!crowd->several) crowd->several = g_new0(uint64_t, (size_t)crowd->rows / 64 + 1);
    crowd->several[row / 64] |= UINT64_C(1) << row % 64;
}

static void rows_look(KernelCrowd *crowd, const FeedRead *read)
{
    crowd->row_of = g_new(uint32_t, (size_t)crowd->people + 1);
    memset(crowd->row_of, 0xff, ((size_t)crowd->people + 1) * sizeof *crowd->row_of);
    for (uint32_t row = 0; row < crowd->rows; row++) {
        uint32_t person = read->index[row];
        if (person == FEED_NOBODY) continue;
        uint32_t *first = &crowd->row_of[person];
        if (*first == FEED_NOBODY) {
            *first = row;
            continue;
        }
        several_mark(crowd, *first);
        several_mark(crowd, row);
    }
}

/* People came in the order of their rows, mostly. */
static void straight_find(KernelCrowd *crowd, const FeedRead *read)
{
    crowd->straight = g_new0(uint64_t, (size_t)crowd->rows / 64 / 64 + 1);
    for (uint32_t word = 0; word < crowd->rows / 64; word++) {
        const uint32_t *index = read->index + (size_t)word * 64;
        uint32_t other = index[0] > FEED_NOBODY - 64;
        for (uint32_t i = 0; i < 64; i++)
            other |= index[i] ^ (index[0] + i);
        if (other == 0) crowd->straight[word / 64] |= UINT64_C(1) << word % 64;
    }
}

static void members_list(KernelCrowd *crowd, const FeedRead *read)
{
    g_autoptr(GArray) members = g_array_new(FALSE, FALSE, sizeof(Member));
    for (uint32_t word = 0; crowd->several && word <= crowd->rows / 64; word++)
        for (uint64_t left = crowd->several[word]; left != 0; left &= left - 1) {
            uint32_t row = word * 64 + (uint32_t)__builtin_ctzll(left);
            Member member = {read->index[row], row};
            g_array_append_val(members, member);
        }
    if (members->len) qsort(members->data, members->len, sizeof(Member), member_compare);
    for (guint i = 0; i < members->len; i++) {
        const Member *one = &g_array_index(members, Member, i);
        if (i == 0 || one[-1].person != one->person) {
            g_array_append_val(crowd->persons, one->person);
            g_array_append_val(crowd->starts, i);
        }
        g_array_append_val(crowd->members, one->row);
    }
    g_array_append_val(crowd->starts, members->len);
}

static KernelCrowd *crowd_new(const FeedRead *read)
{
    KernelCrowd *crowd = g_new0(KernelCrowd, 1);
    g_atomic_ref_count_init(&crowd->count);
    crowd->of = feed_crowd_ref(read->crowd);
    crowd->rows = read->rows;
    crowd->people = read->people->len;
    crowd->persons = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    crowd->starts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    crowd->members = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    rows_look(crowd, read);
    members_list(crowd, read);
    straight_find(crowd, read);
    return crowd;
}

KernelCrowd *kernel_crowd_get(Segments *segments, const FeedRead *read)
{
    g_mutex_lock(&segments->crowd_lock);
    KernelCrowd *crowd = segments->crowd;
    if (!crowd || crowd->of != read->crowd || crowd->rows != read->rows) {
        kernel_crowd_unref(crowd);
        crowd = segments->crowd = crowd_new(read);
    }
    crowd_ref(crowd);
    g_mutex_unlock(&segments->crowd_lock);
    return crowd;
}
