/* columns/event_pass.h: a test over the cells of many occurrences at once.
 *
 * The owner asks its own tests once for each entry of a dictionary and for the numbers at which
 * they change (event_view.h says what a cell is); what comes out is a tree of plain tables that
 * loops without branches can follow. A mask has one byte for each occurrence, 1 or 0. Pure.
 */
#pragma once
#include "columns/event_view.h"

/* Loops that gain from wide registers are built for several kinds of processor; which one runs is
 * decided when the program starts. Not under ASan, which is not ready by then. */
#if defined(__x86_64__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
#define EVENT_HOT                                                                                  \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define EVENT_HOT
#endif

/* Numbers from `low` to `high`, both included. */
typedef struct EventSpan {
    int64_t low, high;
} EventSpan;

typedef enum EventPassKind {
    EVENT_PASS_CELLS, /* by the cell of one property */
    EVENT_PASS_ALL,   /* all of `items` */
    EVENT_PASS_ANY,   /* any of `items` */
    EVENT_PASS_NOT    /* not items[0] */
} EventPassKind;

/* A tree; everything in it is the owner's. */
typedef struct EventPass {
    EventPassKind kind;
    unsigned property;      /* of EVENT_PASS_CELLS, as what follows */
    const uint8_t *codes;   /* 1: passes; for each code of the dictionary as the view knows it */
    uint32_t code_count;    /* of them */
    const EventSpan *spans; /* which numbers pass, rising, apart; hashes never do */
    uint32_t span_count;
    const struct EventPass *items;
    uint32_t item_count;
} EventPass;

/* What an occurrence is worth: its number, or what the owner reads into a code. */
typedef struct EventWorth {
    unsigned property;
    const uint8_t *has;    /* 1: the code is worth something; for each code */
    const int64_t *values; /* of codes that are */
} EventWorth;

enum { EVENT_CHUNK = 1024 }; /* occurrences looked at in one go, at most: they fit the caches */

/* Whether one cell passes, resp. an occurrence of the base (grouped) or of a part of the delta. */
bool event_pass_cell(const EventPass *pass, int64_t cell);
bool event_pass_base(const EventPass *pass, const EventBase *base, size_t i);
bool event_pass_part(const EventPass *pass, const EventPart *part, size_t i);

/* Whether certainly no cell passes. */
bool event_pass_none(const EventPass *pass);

/* Occurrences that stand behind each other in a layout. */
typedef struct EventCells {
    const EventColumn *columns;
    size_t from;
    uint32_t count; /* up to EVENT_CHUNK */
} EventCells;

/* Takes from `mask` those that do not pass. */
void event_pass_mask(const EventPass *pass, const EventCells *cells, uint8_t *mask);

/* The values, 0 where there is none, and takes those from `mask`. Returns a number that has the
 * highest bit of the greatest magnitude. */
uint64_t event_worth_read(const EventWorth *worth, const EventCells *cells, uint8_t *mask,
                          int64_t *values);
/* The same of one cell; false: none. */
bool event_worth_cell(const EventWorth *worth, int64_t cell, int64_t *ret_value);
