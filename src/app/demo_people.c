#include "app/demo_people.h"

#include "base/zones.h"

#include <math.h>
#include <string.h>

#define DAY_MS INT64_C(86400000)

/* Months: tea and gifts before Christmas, a quiet January, a summer dip. */
static const double month_factors[12] = {0.75, 0.85, 0.95, 1.00, 1.10, 0.90,
                                         0.75, 0.80, 1.00, 1.10, 1.45, 1.55};
/* Monday to Sunday. The store is closed on Sundays and busy on Saturdays. */
static const double web_weekday[7] = {1.10, 1.00, 0.95, 0.95, 0.85, 0.90, 1.25};
static const double store_weekday[7] = {0.85, 0.90, 0.95, 1.05, 1.20, 1.55, 0};
static const double web_hours[24] = {2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3,  4,  5, 5,
                                     5, 4, 4,   4,   4,   5,   6, 8, 10, 10, 7, 4};
static const double store_hours[24] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 7, 8,
                                       7, 5, 5, 6, 8, 9, 6, 0, 0, 0, 0, 0};

/* How people of a quarter of the year take to the shop: gift buyers of the last quarter return
 * least, those who come in spring stay. */
static const double quarter_rate[4] = {1.15, 1.30, 1.00, 0.70};
static const double quarter_leave[4] = {0.85, 0.70, 1.00, 1.60};

double demo_season(int32_t day, DemoChannel channel)
{
    int year, month, day_of_month;
    civil_from_days(day, &year, &month, &day_of_month);
    int weekday = ((day + 3) % 7 + 7) % 7; /* day 0 was a Thursday */
    const double *weekdays = channel == DEMO_STORE ? store_weekday : web_weekday;
    return month_factors[month - 1] * weekdays[weekday];
}

int64_t demo_hour(Random *random, int64_t day_start, DemoChannel channel)
{
    const double *hours = channel == DEMO_STORE ? store_hours : web_hours;
    int64_t hour = (int64_t)random_pick(random, hours, 24);
    return day_start + hour * 3600000 + (int64_t)(random_unit(random) * 3600000);
}

/* More and more people come; each day weighs by season. */
static void joined_set(DemoPerson *person, Random *random, const DemoShop *shop)
{
    int64_t span = shop->now - shop->start;
    for (;;) {
        double u = random_unit(random);
        double share = u * (1.3 - 0.3 * u); /* density rises through the two years */
        int64_t day_start = shop->start + (int64_t)(share * (double)span) / DAY_MS * DAY_MS;
        double season = demo_season((int32_t)(day_start / DAY_MS), person->channel);
        if (random_unit(random) * DEMO_SEASON_MAX > season) continue;
        person->joined_at = demo_hour(random, day_start, person->channel);
        if (person->joined_at < shop->now) return;
    }
}

static void truth_set(DemoPerson *person, Random *random, const DemoShop *shop)
{
    int year, month, day;
    civil_from_days(person->joined_at / DAY_MS, &year, &month, &day);
    int quarter = (month - 1) / 3;
    double tea = person->taste == TASTE_TEA ? 1.35 : 1;
    person->rate_per_year = random_gamma(random, 1.1, 2.3 * tea * quarter_rate[quarter]);
    double leaves_per_year = random_gamma(random, 1.2, 0.6 * quarter_leave[quarter]);
    double years = random_exponential(random, fmax(leaves_per_year, 1e-3));
    int64_t left_at = person->joined_at + (int64_t)(years * 365.25 * (double)DAY_MS);
    person->left_at = left_at > shop->now ? INT64_MAX : left_at;
}

/* "Špela Košir" becomes "spela.kosir": addresses are ASCII. */
static char *email_base(const DemoPerson *person)
{
    g_autofree char *full = g_strconcat(person->first, ".", person->last, NULL);
    g_autofree char *ascii = g_str_to_ascii(full, "de");
    GString *base = g_string_new(NULL);
    for (const char *p = ascii; *p; p++)
        if (g_ascii_isalnum(*p) || *p == '.') g_string_append_c(base, g_ascii_tolower(*p));
    return g_string_free(base, FALSE);
}

/* `taken` counts how many have a base already: "ana.novak", "ana.novak2", … */
static char *email_new(const DemoPerson *person, GTree *taken, Random *random)
{
    static const char *const hosts[] = {"example.com", "example.org", "example.net"};
    char *base = email_base(person);
    gpointer count = g_tree_lookup(taken, base);
    int number = GPOINTER_TO_INT(count) + 1;
    const char *host = hosts[random_below(random, G_N_ELEMENTS(hosts))];
    char *email = number == 1 ? g_strdup_printf("%s@%s", base, host)
                              : g_strdup_printf("%s%d@%s", base, number, host);
    g_tree_replace(taken, base, GINT_TO_POINTER(number));
    return email;
}

static int text_compare(const void *a, const void *b, void *data)
{
    (void)data;
    return strcmp(a, b);
}

static uint8_t country_pick(Random *random)
{
    double weights[32];
    for (size_t i = 0; i < demo_country_count; i++)
        weights[i] = demo_countries[i].weight;
    return (uint8_t)random_pick(random, weights, demo_country_count);
}

/* Britons buy in London; a quarter of the Slovenes are regulars of the store. */
static uint8_t channel_pick(Random *random, const char *country)
{
    if (strcmp(country, "GB") == 0) return DEMO_LONDON;
    if (strcmp(country, "SI") == 0 && random_unit(random) < 0.25) return DEMO_STORE;
    return DEMO_WEB;
}

static void person_fill(DemoPerson *person, const DemoShop *shop, GTree *taken)
{
    Random random;
    random_split(&random, shop->seed, person->number);
    person->country = country_pick(&random);
    const DemoCountry *country = &demo_countries[person->country];
    person->taste = (uint8_t)random_pick(&random, (const double[]){4, 3.5, 2.5}, TASTES);
    person->channel = channel_pick(&random, country->code);
    person->buys = person->channel == DEMO_STORE || random_unit(&random) < 0.9;
    person->newsletter = !person->buys || random_unit(&random) < 0.45;
    person->first = g_strdup(country->first[random_below(&random, (uint32_t)country->first_count)]);
    person->last = g_strdup(country->last[random_below(&random, (uint32_t)country->last_count)]);
    bool gives_email = person->channel != DEMO_STORE || random_unit(&random) < 0.8;
    if (gives_email) person->email = email_new(person, taken, &random);
    joined_set(person, &random, shop);
    truth_set(person, &random, shop);
}

void demo_people_fill(DemoShop *shop)
{
    GTree *taken = g_tree_new_full(text_compare, NULL, g_free, NULL);
    shop->people = g_new0(DemoPerson, shop->person_count);
    for (uint32_t i = 0; i < shop->person_count; i++) {
        shop->people[i].number = i;
        person_fill(&shop->people[i], shop, taken);
    }
    g_tree_destroy(taken);
}
