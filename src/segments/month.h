/* segments/month.h: a month of a shop that is simulated: month_test.c says what it is for. Not
 * product. */
#pragma once
#include "segments/personal.h"
#include "segments/segments_fixture.h"
#include "segments/watch.h"

#define MONTH_START INT64_C(1709899200000) /* 8 March 2024, 12:00 UTC */
#define MONTH_END   (MONTH_START + 31 * CLOCK_DAY_MS)

enum {
#ifdef __SANITIZE_ADDRESS__ /* the same with fewer: each look takes some times as long */
    PEOPLE = 40,
    POSTGRES_PEOPLE = 20,
#else
    PEOPLE = 100,
    POSTGRES_PEOPLE = 40, /* whoever is judged costs it some hundred statements */
#endif
    LONG_PEOPLE = 10000,
    POINTS = 1,        /* instants inside a step at which all are compared */
    EXACT_MAX = 1,     /* of a step: both ms around them are asked of everybody */
    THOROUGH_EACH = 4, /* steps */
    JUDGED_MAX = 2000, /* of a step */
    BATCH = 60,        /* events of one request */
    NOTES_EACH = 6,    /* steps between two notes of what was known */
    KILL_COMMITS_MAX = 3,
    CHUNK = 20000, /* rows of the test's own reading */
    CHUNK_ROWS = 4000,
    TEXT = 128,
};

/* Rules, in this order: of whoever looks; of who hears of the record of others, and so knows of the
 * past only when that is written; of ranks alone; of ranks and other things. */
enum { MONTH_HEARS = 32, MONTH_RANKS = 35, MONTH_RANKS_MIXED = 38, MONTH_SEGMENTS = 40 };
extern const char *const month_rules[MONTH_SEGMENTS];

/* One stay of the record. */
typedef struct Stay {
    int64_t person, member, segment;
    int64_t entered, known, left, left_known; /* left: INT64_MAX while they are in */
} Stay;

/* Who was in a segment when an instant was now. */
typedef struct Note {
    int64_t at;
    int segment;
    GArray *ids;
} Note;

/* A change that was recorded. */
typedef struct Flip {
    int64_t person, at;
    int segment;
    bool enters, hushed; /* hushed: it bears no event */
} Flip;

typedef struct Order {
    int user;
    bool cancelled;
} Order;

typedef struct Counts {
    int steps, events, late, merges, undos, erasures, drops, reopened, kills, halfway;
    int flips, judged, points, told, rankings, faults;
} Counts;

typedef struct Month {
    Shop shop;
    Segments *segments, *truth; /* watched; by SQL */
    Watch *watch;
    Feed *feed; /* NULL: all by SQL */
    PersonalFile files[2];
    int64_t from;         /* up to here all is compared */
    bool ranked;          /* in the last settling, everything received being known */
    GHashTable *rankings; /* their instants */
    int64_t ids[MONTH_SEGMENTS];
    const Rule *rules[MONTH_SEGMENTS];
    GHashTable *places; /* segment id -> index + 1 */
    GHashTable *silent; /* member ids whose end bears no event */
    GHashTable *told;   /* texts: events that the watch wrote */
    int64_t told_last[2];
    GArray *stays;  /* of Stay, as last read */
    GArray *people; /* ids, rising, as last asked */
    GArray *orders; /* of Order */
    GArray *merges; /* of int64_t: those that stand */
    GArray *notes;  /* of Note */
    bool *gone;     /* of a user: erased */
    int users, users_max;
    GString *batch;
    int batched;
    bool columns;
    Counts counts;
} Month;

/* month_test.c */
/* The record as it is now. */
void month_stays_read(Month *month);
void month_write(Month *month, WriterRun run, void *data);

/* month_live.c: what happens. */
int month_below(int count); /* 0..count - 1 */
/* What was before the month. */
void month_fill(Month *month);
/* Everything that is received in one step, at one instant. */
void month_receive(Month *month, int much);
