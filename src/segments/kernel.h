/* segments/kernel.h: leaves answered for everybody at once, from columns.
 *
 * The ordinary way tells a leaf each occurrence and then asks it about each person (leaf.h). A
 * kernel does the same for one kind of leaf in few passes over arrays, on both cores:
 *
 *     totals     counts, sums, averages, bounds, first and last instants, compared at once
 *     fields     the same, kept in the leaf because it joins two events or ranks
 *     instants   what all instants of a person decide: rhythms, stages, times between, the nth;
 *                numbers of different values
 *     sequence   one thing and then another: chains of many leaves at once, from their ends; else
 *                beginning with the rarest
 *     rows       any other leaf that knows one person by itself, a thousand rows at a time
 *
 * Leaves of one question that are told the same occurrences are filled together: what is read once
 * is judged for all of them.
 *
 * What a kernel cannot tell exactly it leaves to the ordinary code, person by person (rows) or as a
 * whole: several rows of one person, rows that the delta touches, sums that might not fit. So the
 * ordinary way stays the meaning, and kernels are compared with it and with SQL by the model's
 * tests (docs/adr/0012).
 *
 * Private to segments/.
 */
#pragma once
#include "columns/event_scan.h"
#include "segments/fill_where.h"

/* Whose the rows are, the other way round. Immutable. */
typedef struct KernelCrowd {
    gatomicrefcount count;
    void *of;              /* the FeedCrowd it was made of */
    uint32_t rows, people; /* of it */
    uint32_t *row_of;      /* of each person: the lowest row, or FEED_NOBODY */
    uint64_t *several;     /* bits of rows of people who have several; NULL: nobody has */
    uint64_t *straight;    /* bits of words of 64 rows that are 64 people behind each other */
    GArray *persons;       /* of uint32_t: who has several, rising */
    GArray *starts;        /* of uint32_t: of each of them, and the end: where in `members` */
    GArray *members;       /* of uint32_t: their rows */
} KernelCrowd;

/* The crowd of what is read; made when it is another than the last. Any thread. */
KernelCrowd *kernel_crowd_get(Segments *segments, const FeedRead *read);
void kernel_crowd_unref(KernelCrowd *crowd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(KernelCrowd, kernel_crowd_unref)

/* Whether rows 64 x `word` + i are 64 people behind each other: index[row] + i. */
static inline bool kernel_crowd_is_straight(const KernelCrowd *crowd, uint32_t word)
{
    return (word + UINT64_C(1)) * 64 <= crowd->rows && crowd->straight[word / 64] >> word % 64 & 1;
}

/* One tap over one name's columns. */
typedef struct Fill {
    const Tap *tap;
    const EventName *name; /* NULL: nothing of it ever came in */
    FillWhere *where;      /* NULL: all */
    FillValue *value;      /* NULL: none is asked for */
    GPtrArray *owned;      /* memory of `pass` and `worth` */
    EventPass *pass;       /* as `where` */
    EventWorth *worth;     /* as `value`; NULL: not such a number */
} Fill;

/* fill.c: makes a tap ready, without `pass` and `worth`; false: it cannot be told from columns. */
bool fill_open(Fill *fill, const Evaluation *evaluation);
void fill_clear(Fill *fill);

typedef struct Kernel {
    const Evaluation *evaluation;
    const FeedRead *read;
    const KernelCrowd *crowd;
    Leaf *leaf;
    const Fill *fills;
    uint32_t fill_count;
} Kernel;

/* Fills the leaves of kernels that differ in nothing but their leaf, mostly to their sets, and says
 * of each how; SEGMENT_KERNEL_NONE: no kernel could. */
void kernels_run(const Kernel *kernels, uint32_t count, SegmentKernel *ret_hows);

/* Fills sequences that differ in their spans and in the `where` of how they begin, each with fills
 * of its own; false: they cannot be told so (kernel_chains.c). */
enum { KERNEL_CHAINS_MAX = 64 };
bool kernel_chains(const Kernel *kernels, uint32_t count);

/* kernel_totals.c, kernel_instants.c, kernel_sequence.c, kernel_rows.c: false: it cannot be told
 * so. Of several the leaves ask for the same totals, fields or kind. */
bool kernel_totals(const Kernel *kernels, uint32_t count);
bool kernel_fields(const Kernel *kernels, uint32_t count);
bool kernel_instants(const Kernel *kernels, uint32_t count);
bool kernel_sequences(const Kernel *kernels, uint32_t count);
bool kernel_rows(const Kernel *kernel);

/* What totals and fields keep of each person for a leaf. */
EventKeep kernel_keep(const Leaf *leaf);

/* ---- what kernels share ---- */

/* Whom a leaf holds for, gathered by two lanes at once: who is not as one of whom nothing is
 * known. */
typedef struct KernelSet {
    const Kernel *kernel;
    bool zero;           /* whether it holds for one of whom nothing is known */
    PersonSet *lanes[2]; /* people who are otherwise */
} KernelSet;

void kernel_set_init(KernelSet *set, const Kernel *kernel, bool zero);
/* Decides one row, resp. person (not FEED_NOBODY). */
void kernel_set_row(KernelSet *set, unsigned lane, uint32_t row, bool holds);
/* Decides those of the rows 64 x `word` + i whose bit is set alike: otherwise than `zero`. */
void kernel_set_word(KernelSet *set, unsigned lane, uint32_t word, uint64_t bits);
static inline void kernel_set_person(KernelSet *set, unsigned lane, uint32_t person, bool holds)
{
    if (holds != set->zero) set_add(set->lanes[lane], person);
}
/* Gives the set to the leaf. */
void kernel_set_end(KernelSet *set);
void kernel_set_clear(KernelSet *set);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KernelSet, kernel_set_clear)

/* People who are judged by themselves, one after another: their rows. */
typedef struct KernelOnes {
    GArray *persons; /* of uint32_t */
    GArray *starts;  /* of uint32_t: of each, where in `rows`; one more at the end */
    GArray *rows;    /* of uint32_t */
} KernelOnes;

void kernel_ones_init(KernelOnes *ones);
void kernel_ones_clear(KernelOnes *ones);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KernelOnes, kernel_ones_clear)
void kernel_ones_add(KernelOnes *ones, uint32_t person, const uint32_t *rows, uint32_t count);
/* Those who have rows that stand apart. */
void kernel_ones_apart(KernelOnes *ones, const Kernel *kernel, const EventApart *apart);
/* How people are shared between the cores, who cost a microsecond each. */
EventSplit kernel_ones_split(const KernelOnes *ones, const Kernel *kernel);
/* Judges them by the ordinary code. */
void kernel_ones_judge(const KernelOnes *ones, KernelSet *set);
/* Whether the leaf holds for one of whom nothing is known. */
bool kernel_zero(const Kernel *kernel);

/* The numbers for which `holds` says yes, as spans, where it changes its mind only at, before or
 * behind the values of a test (of EventSpan). */
typedef bool KernelHolds(const void *data, int64_t number);
GArray *kernel_spans(const RuleTest *test, EventSpan all, KernelHolds *holds, const void *data);
