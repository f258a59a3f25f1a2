#include "messages/manners.h"

#include "base/clock.h"

bool manners_check(const Manners *manners)
{
    return manners->quiet_from >= 0 && manners->quiet_from < MANNERS_DAY_MINUTES &&
           manners->quiet_to >= 0 && manners->quiet_to < MANNERS_DAY_MINUTES &&
           manners->per_week >= 0 && manners->per_week <= MANNERS_WEEK_MAX &&
           manners->gap_hours >= 0 && manners->gap_hours <= MANNERS_GAP_HOURS_MAX;
}

/* When the week has room: as soon as the per_week-th newest has left it. */
static int64_t week_open_ms(const Manners *manners, const MannersAsk *ask)
{
    size_t most = (size_t)manners->per_week;
    if (!most || ask->sent_count < most) return 0;
    return ask->sent_ms[ask->sent_count - most] + MANNERS_WEEK_MS;
}

static int64_t gap_open_ms(const Manners *manners, const MannersAsk *ask)
{
    if (!manners->gap_hours || !ask->sent_count) return 0;
    return ask->sent_ms[ask->sent_count - 1] + manners->gap_hours * CLOCK_HOUR_MS;
}

static bool is_quiet(const Manners *manners, int minute)
{
    if (manners->quiet_from == manners->quiet_to) return false;
    if (manners->quiet_from < manners->quiet_to)
        return minute >= manners->quiet_from && minute < manners->quiet_to;
    return minute >= manners->quiet_from || minute < manners->quiet_to;
}

/* The end of the quiet hours that `at_ms` lies in; `at_ms` itself outside of them. Goes by minutes:
 * the local clock decides, whatever it does that night. At most a day of them, 40 us. */
static int64_t quiet_end_ms(const Manners *manners, const Zone *zone, int64_t at_ms)
{
    int64_t end_ms = at_ms;
    for (;;) {
        Calendar local;
        zone_calendar(zone, end_ms, &local);
        if (!is_quiet(manners, local.hour * 60 + local.minute)) return end_ms;
        end_ms += CLOCK_MINUTE_MS - end_ms % CLOCK_MINUTE_MS;
    }
}

MannersAnswer manners_ask(const Manners *manners, const MannersAsk *ask)
{
    MannersAnswer answer = {ask->now_ms, NULL};
    int64_t week_ms = week_open_ms(manners, ask), gap_ms = gap_open_ms(manners, ask);
    if (gap_ms > answer.wait_until_ms) answer = (MannersAnswer){gap_ms, "too_soon"};
    if (week_ms > answer.wait_until_ms) answer = (MannersAnswer){week_ms, "week_full"};
    int64_t quiet_ms = quiet_end_ms(manners, ask->zone, answer.wait_until_ms);
    if (quiet_ms > answer.wait_until_ms) {
        answer.wait_until_ms = quiet_ms;
        if (!answer.reason) answer.reason = "quiet_hours";
    }
    return answer;
}
