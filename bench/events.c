#include "events.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const pages[] = {"Home", "Category", "Product", "Cart", "Delivery", "About us"};
static const char *const goods[] = {"White hanging heart t-light holder",
                                    "Regency cakestand 3 tier",
                                    "Jumbo bag red retrospot",
                                    "Assorted colour bird ornament",
                                    "Party bunting",
                                    "Lunch bag black skull"};
static const char *const categories[] = {"books", "tea", "toys", "garden", "soap", "paper"};

enum { CHOICES = 6, MINUTE_MS = 60 * 1000 };

/* xorshift64*: fast, and good enough to spread load (Vigna 2016). */
static uint64_t random_next(EventMaker *maker)
{
    uint64_t x = maker->state;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    maker->state = x;
    return x * 0x2545F4914F6CDD1DULL;
}

static uint32_t random_below(EventMaker *maker, uint32_t limit)
{
    return (uint32_t)(((random_next(maker) >> 32) * limit) >> 32);
}

static uint32_t customer_skewed(EventMaker *maker);

/* Whoever is there first is the same with every seed: a run goes on where another began. */
void event_maker_init(EventMaker *maker, const EventOptions *options)
{
    *maker = (EventMaker){.options = *options, .state = 0x9E3779B97F4A7C15ULL};
    for (uint32_t i = 0; i < options->visits; i++)
        maker->there[i] = customer_skewed(maker);
    maker->state = options->seed * 0x9E3779B97F4A7C15ULL + 1;
}

static char *put(char *out, const char *text)
{
    size_t size = strlen(text);
    memcpy(out, text, size);
    return out + size;
}

static char *put_number(char *out, uint64_t value)
{
    char digits[24];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

static char *put_random(EventMaker *maker, char *out, unsigned size)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint64_t bits = 0;
    for (unsigned i = 0; i < size; i++) {
        if (i % 10 == 0) bits = random_next(maker);
        *out++ = letters[bits & 63];
        bits >>= 6;
    }
    return out;
}

static char *put_digits(char *out, unsigned value, unsigned width)
{
    for (unsigned i = width; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
    return out + width;
}

/* ISO 8601 with milliseconds; the calendar part of a minute is made once. */
static char *put_time(char *out, int64_t at_ms)
{
    static _Thread_local int64_t minute_ms = -1;
    static _Thread_local char prefix[32];
    if (at_ms / MINUTE_MS * MINUTE_MS != minute_ms) {
        minute_ms = at_ms / MINUTE_MS * MINUTE_MS;
        time_t seconds = (time_t)(minute_ms / 1000);
        struct tm parts;
        gmtime_r(&seconds, &parts);
        strftime(prefix, sizeof prefix, "%Y-%m-%dT%H:%M:", &parts);
    }
    unsigned rest = (unsigned)(at_ms % MINUTE_MS);
    out = put_digits(put(out, prefix), rest / 1000, 2);
    *out++ = '.';
    out = put_digits(out, rest % 1000, 3);
    *out++ = 'Z';
    return out;
}

/* As in bench/history.c: the square of an even lot, so that a tenth does a third of everything. */
static uint32_t customer_skewed(EventMaker *maker)
{
    double even = (double)(random_next(maker) >> 11) / (double)(1ULL << 53);
    return (uint32_t)(even * even * maker->options.people);
}

/* Somebody who is there; now and then one goes and another comes. */
static uint32_t visitor_pick(EventMaker *maker)
{
    const EventOptions *options = &maker->options;
    uint32_t *there = &maker->there[random_below(maker, options->visits)];
    if (random_below(maker, options->visit_events) == 0) *there = customer_skewed(maker);
    return *there;
}

static uint32_t customer_pick(EventMaker *maker)
{
    const EventOptions *options = &maker->options;
    if (options->sequential) return (uint32_t)(maker->counter % options->people);
    if (!options->shop) return random_below(maker, options->people);
    return options->visits ? visitor_pick(maker) : customer_skewed(maker);
}

static char *put_who(EventMaker *maker, char *out)
{
    if (random_below(maker, 1000) < maker->options.visitors_share) {
        out = put(out, "\"anonymousId\":\"");
        out = put_random(maker, out, 36);
    } else {
        out = put(out, "\"userId\":\"customer-");
        out = put_number(out, customer_pick(maker));
    }
    return put(out, "\",");
}

static char *put_page(EventMaker *maker, char *out)
{
    const char *name = pages[random_below(maker, CHOICES)];
    out = put(put(out, "\"type\":\"page\",\"name\":\""), name);
    out = put(out, "\",\"properties\":{\"title\":\"");
    out = put(put(out, name), " - a gift shop\",\"path\":\"/shop/");
    out = put_number(out, random_below(maker, 10000));
    return put(out, "\",\"url\":\"https://shop.example/shop\",\"referrer\":\"\"},");
}

static char *put_product(EventMaker *maker, char *out, const char *event)
{
    uint32_t which = random_below(maker, CHOICES);
    out = put(put(out, "\"type\":\"track\",\"event\":\""), event);
    out = put(out, "\",\"properties\":{\"product_id\":\"p-");
    out = put_number(out, 10000 + random_below(maker, 5000));
    out = put(put(out, "\",\"name\":\""), goods[which]);
    out = put(put(out, "\",\"category\":\""), categories[which]);
    out = put(out, "\",\"price\":");
    out = put_number(out, 1 + random_below(maker, 60));
    return put(out, ".95,\"currency\":\"GBP\",\"quantity\":1},");
}

static char *put_order(EventMaker *maker, char *out)
{
    uint32_t price = 1 + random_below(maker, 60), quantity = 1 + random_below(maker, 4);
    out = put(out,
              "\"type\":\"track\",\"event\":\"Order Completed\",\"properties\":{\"order_id\":\"o-");
    out = put_number(put_random(maker, out, 4), maker->counter);
    out = put(put_number(put(out, "\",\"revenue\":"), price * quantity), ",\"currency\":\"GBP\"");
    out = put(out, ",\"products\":[{\"product_id\":\"p-");
    out = put_number(out, 10000 + random_below(maker, 5000));
    out = put(put_number(put(out, "\",\"price\":"), price), ",\"quantity\":");
    return put(put_number(out, quantity), "}]},");
}

static char *put_mail(EventMaker *maker, char *out, const char *event)
{
    out = put(put(out, "\"type\":\"track\",\"event\":\""), event);
    out = put(out, "\",\"properties\":{\"email_id\":\"m-");
    return put(put_number(out, random_below(maker, 200)), "\"},");
}

static char *put_ordinary(EventMaker *maker, char *out)
{
    uint32_t kind = random_below(maker, 1000), orders = maker->options.orders_share;
    if (kind < orders) return put_order(maker, out);
    if (kind < orders + 90) return put_product(maker, out, "Product Added");
    if (kind < orders + 290) return put_page(maker, out);
    return put_product(maker, out, "Product Viewed");
}

/* The shares of bench/history.c. */
static char *put_shop(EventMaker *maker, char *out)
{
    uint32_t kind = random_below(maker, 100);
    if (kind < 70) return put_page(maker, out);
    if (kind < 85) return put_product(maker, out, "Product Viewed");
    if (kind < 91) return put_product(maker, out, "Product Added");
    if (kind < 95) return put_mail(maker, out, "Email Opened");
    if (kind < 96) return put_mail(maker, out, "Email Link Clicked");
    return put_order(maker, out);
}

/* When the next event happened. */
static int64_t moment_pick(EventMaker *maker, int64_t now_ms)
{
    const EventOptions *options = &maker->options;
    if (options->past_events == 0) return now_ms - random_below(maker, 4000);
    double left = 1 - (double)maker->counter / (double)options->past_events;
    return now_ms - (int64_t)(left * (double)options->past_ms);
}

static char *put_event(EventMaker *maker, char *out, int64_t now_ms)
{
    int64_t at_ms = moment_pick(maker, now_ms);
    *out++ = '{';
    out = put_who(maker, out);
    out = maker->options.shop ? put_shop(maker, out) : put_ordinary(maker, out);
    out = put_random(maker, put(out, "\"messageId\":\"node-"), 14);
    out = put_number(out, maker->counter++);
    out = put_time(put(out, "\",\"timestamp\":\""), at_ms);
    return put(out, "\",\"context\":{\"library\":{\"name\":\"@segment/analytics-node\","
                    "\"version\":\"3.1.0\"},\"ip\":\"203.0.113.7\"}}");
}

size_t event_maker_batch(EventMaker *maker, char *out, int64_t now_ms)
{
    char *at = put(out, "{\"batch\":[");
    for (uint32_t i = 0; i < maker->options.batch; i++) {
        if (i > 0) *at++ = ',';
        at = put_event(maker, at, now_ms);
    }
    at = put_time(put(at, "],\"sentAt\":\""), now_ms);
    at = put(at, "\"}");
    return (size_t)(at - out);
}
