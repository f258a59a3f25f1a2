/* bench/history_write.c: the history as CSV, for other databases.
 *
 *     kith-history events|people EVENTS PEOPLE > FILE
 *
 * events: name, person, at (UTC ms), category, revenue (times 10^6), in order of receipt; names and
 * categories as their numbers in history.h, 0 where there is none (the first category is 1).
 * people: person, country. No heading.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"

static void events_write(const History *history)
{
    for (uint64_t i = 0; i < history->events; i++) {
        HistoryEvent event = history_event(history, i);
        printf("%d,%" PRIu32 ",%" PRId64 ",%" PRIu32 ",%" PRId64 "\n", (int)event.name,
               event.person, event.at, event.category ? event.category_code + 1 : 0,
               event.revenue_micro);
    }
}

static void people_write(const History *history)
{
    for (uint32_t person = 0; person < history->people; person++)
        printf("%" PRIu32 ",%s\n", person, history_country(person));
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: kith-history events|people EVENTS PEOPLE\n");
        return 2;
    }
    History history =
        history_two_years(strtoull(argv[2], NULL, 10), (uint32_t)strtoul(argv[3], NULL, 10));
    if (strcmp(argv[1], "people") == 0)
        people_write(&history);
    else
        events_write(&history);
    return fflush(stdout) == 0 ? 0 : 1;
}
