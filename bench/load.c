/* bench/load.c: a load generator for the tracking API.
 *
 * One thread, epoll, keep-alive connections with up to `depth` requests in flight each. Without
 * --rate every connection sends as fast as answers come (closed loop). With --rate batches are due
 * on a fixed schedule and the latency counts from when a batch was due, not from when it could be
 * sent, so that a stalled server cannot hide its stall (no coordinated omission).
 *
 * Prints one JSON object with the totals. Exit status 1 when a connection broke or an answer was
 * neither 200 nor 429 (429 is counted as busy; that batch is gone, the next is another).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "events.h"

enum {
    CONNECTIONS_MAX = 256,
    DEPTH_MAX = 16,
    REPLY_MAX = 64 * 1024,
    HEAD_MAX = 512,
    LATENCY_SLOTS = 200000, /* of 50 µs: up to 10 s */
    LATENCY_SLOT_US = 50,
    SECONDS_MAX = 24 * 3600
};

typedef struct Options {
    EventOptions events;
    const char *host, *key, *path;
    int port;
    unsigned seconds, connections, depth;
    uint64_t rate;       /* events a second, 0: as fast as answers come */
    uint64_t events_max; /* stop after so many, 0: only the time counts */
} Options;

typedef struct Connection {
    int fd;
    char *out; /* request being sent */
    size_t out_size, out_sent;
    char in[REPLY_MAX];
    size_t in_size;
    int64_t due_us[DEPTH_MAX]; /* when each request in flight was due, a ring */
    unsigned first, in_flight;
} Connection;

typedef struct Load {
    Options options;
    EventMaker maker;
    Connection *connections;
    int epoll;
    int64_t start_us, next_due_us;
    uint64_t answered, refused, busy, bytes;
    unsigned turn;        /* the connection that gets the next batch that is due */
    uint32_t *latency;    /* LATENCY_SLOTS counts */
    uint32_t *per_second; /* batches answered in each second */
    bool broken;
} Load;

static int64_t clock_us(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void die(const char *what)
{
    fprintf(stderr, "kith-load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static const char *const base64_letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* "KEY:" in base64, as the SDKs send it. */
static void basic_encode(const char *key, char *out, size_t out_size)
{
    char text[200];
    int size = snprintf(text, sizeof text, "%s:", key);
    size_t used = 0;
    for (int i = 0; i < size && used + 5 < out_size; i += 3) {
        unsigned bits = (unsigned)(unsigned char)text[i] << 16;
        if (i + 1 < size) bits |= (unsigned)(unsigned char)text[i + 1] << 8;
        if (i + 2 < size) bits |= (unsigned char)text[i + 2];
        out[used++] = base64_letters[bits >> 18];
        out[used++] = base64_letters[bits >> 12 & 63];
        out[used++] = i + 1 < size ? base64_letters[bits >> 6 & 63] : '=';
        out[used++] = i + 2 < size ? base64_letters[bits & 63] : '=';
    }
    out[used] = 0;
}

static size_t body_room(const Load *load)
{
    return (size_t)load->options.events.batch * EVENT_BYTES_MAX + EVENT_BODY_EXTRA;
}

/* A whole request into connection->out: the head has a fixed width so that the body comes first. */
static void request_make(Load *load, Connection *connection)
{
    char *body = connection->out + HEAD_MAX, token[300], head[HEAD_MAX + 1];
    size_t size = event_maker_batch(&load->maker, body, clock_us(CLOCK_REALTIME) / 1000);
    basic_encode(load->options.key, token, sizeof token);
    int head_size =
        snprintf(head, sizeof head,
                 "POST %s HTTP/1.1\r\nHost: %s:%d\r\nAuthorization: Basic %s\r\n"
                 "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                 load->options.path, load->options.host, load->options.port, token, size);
    memmove(connection->out + head_size, body, size);
    memcpy(connection->out, head, (size_t)head_size);
    connection->out_size = (size_t)head_size + size;
    connection->out_sent = 0;
    load->bytes += size;
}

static void watch(Load *load, Connection *connection, bool writing)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0),
                                .data.ptr = connection};
    if (epoll_ctl(load->epoll, EPOLL_CTL_MOD, connection->fd, &event) < 0) die("epoll_ctl");
}

/* Sends what is left of the current request; false when the socket is full or broken. */
static bool send_rest(Load *load, Connection *connection)
{
    while (connection->out_sent < connection->out_size) {
        ssize_t sent = send(connection->fd, connection->out + connection->out_sent,
                            connection->out_size - connection->out_sent, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            watch(load, connection, true);
            return false;
        }
        if (sent <= 0) {
            load->broken = true;
            return false;
        }
        connection->out_sent += (size_t)sent;
    }
    return true;
}

/* When the next batch is due, or -1 when its time has not come. */
static int64_t due_take(Load *load, int64_t now_us)
{
    if (load->options.rate == 0) return now_us;
    if (load->next_due_us > now_us) return -1;
    int64_t due_us = load->next_due_us;
    load->next_due_us += (int64_t)(load->options.events.batch * 1000000ULL / load->options.rate);
    return due_us;
}

static bool enough(const Load *load)
{
    return load->options.events_max > 0 && load->maker.counter >= load->options.events_max;
}

/* Starts requests until the connection has `depth` in flight, or nothing is due. */
static void fill(Load *load, Connection *connection, int64_t end_us)
{
    while (connection->in_flight < load->options.depth) {
        int64_t now_us = clock_us(CLOCK_MONOTONIC);
        if (connection->out_sent < connection->out_size || now_us >= end_us || enough(load)) return;
        int64_t due_us = due_take(load, now_us);
        if (due_us < 0) return;
        request_make(load, connection);
        connection->due_us[(connection->first + connection->in_flight++) % DEPTH_MAX] = due_us;
        if (!send_rest(load, connection)) return;
    }
}

static void answer_count(Load *load, Connection *connection, int status)
{
    int64_t now_us = clock_us(CLOCK_MONOTONIC);
    int64_t slot = (now_us - connection->due_us[connection->first]) / LATENCY_SLOT_US;
    connection->first = (connection->first + 1) % DEPTH_MAX;
    connection->in_flight--;
    if (status == 429) {
        load->busy++;
    } else if (status != 200) {
        if (load->refused++ == 0) fprintf(stderr, "kith-load: status %d\n", status);
    } else {
        load->answered++;
        load->latency[slot < LATENCY_SLOTS ? slot : LATENCY_SLOTS - 1]++;
        int64_t second = (now_us - load->start_us) / 1000000;
        if (second < SECONDS_MAX) load->per_second[second]++;
    }
}

/* Size of the first whole answer in the buffer, 0 when it is not all there; sets its status. */
static size_t answer_size(Connection *connection, int *ret_status)
{
    connection->in[connection->in_size] = 0;
    char *end = strstr(connection->in, "\r\n\r\n");
    if (!end) return 0;
    size_t head = (size_t)(end - connection->in) + 4, body = 0;
    char *length = strcasestr(connection->in, "\r\ncontent-length:");
    if (length && length < end) body = strtoul(length + 17, NULL, 10);
    *ret_status = (int)strtol(connection->in + 9, NULL, 10);
    return connection->in_size >= head + body ? head + body : 0;
}

static void receive(Load *load, Connection *connection)
{
    ssize_t got = recv(connection->fd, connection->in + connection->in_size,
                       REPLY_MAX - 1 - connection->in_size, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        load->broken = true;
        return;
    }
    connection->in_size += (size_t)got;
    int status = 0;
    size_t size;
    while (connection->in_flight > 0 && (size = answer_size(connection, &status)) > 0) {
        memmove(connection->in, connection->in + size, connection->in_size - size);
        connection->in_size -= size;
        answer_count(load, connection, status);
    }
}

static void connection_open(Load *load, Connection *connection)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)load->options.port)};
    if (inet_pton(AF_INET, load->options.host, &address.sin_addr) != 1) die(load->options.host);
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection->fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    int on = 1;
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (fcntl(connection->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    connection->out = malloc(body_room(load) + 2 * HEAD_MAX);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
    if (!connection->out || epoll_ctl(load->epoll, EPOLL_CTL_ADD, connection->fd, &event) < 0)
        die("epoll_ctl");
}

static double latency_ms(const Load *load, double share)
{
    uint64_t wanted = (uint64_t)((double)load->answered * share), seen = 0;
    for (unsigned i = 0; i < LATENCY_SLOTS; i++) {
        seen += load->latency[i];
        if (seen > wanted) return (i + 1) * LATENCY_SLOT_US / 1000.0;
    }
    return 0;
}

/* Events a second over the seconds [from, to). */
static double rate_between(const Load *load, unsigned from, unsigned to)
{
    uint64_t batches = 0;
    for (unsigned i = from; i < to; i++)
        batches += load->per_second[i];
    return to > from ? (double)(batches * load->options.events.batch) / (to - from) : 0;
}

static void report(const Load *load)
{
    unsigned seconds = load->options.seconds, part = seconds < 120 ? seconds / 2 : 60;
    uint64_t events = load->answered * load->options.events.batch;
    uint64_t sent = (load->answered + load->refused + load->busy) * load->options.events.batch;
    printf("{\"seconds\":%u,\"elapsed\":%.2f,\"events\":%llu,\"events_per_second\":%.0f,\"first_"
           "part\":%.0f,"
           "\"last_part\":%.0f,\"part_seconds\":%u,\"refused\":%llu,\"busy\":%llu,"
           "\"bytes_per_event\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"p999_ms\":%.2f}\n",
           seconds, (double)(clock_us(CLOCK_MONOTONIC) - load->start_us) / 1e6,
           (unsigned long long)events, rate_between(load, 0, seconds), rate_between(load, 0, part),
           rate_between(load, seconds - part, seconds), part, (unsigned long long)load->refused,
           (unsigned long long)load->busy, sent > 0 ? (double)load->bytes / (double)sent : 0,
           latency_ms(load, 0.5), latency_ms(load, 0.99), latency_ms(load, 0.999));
}

static bool all_quiet(const Load *load)
{
    for (unsigned i = 0; i < load->options.connections; i++)
        if (load->connections[i].in_flight > 0) return false;
    return true;
}

/* The connections take turns, so that none idles until the server closes it. */
static void fill_all(Load *load, int64_t end_us)
{
    unsigned count = load->options.connections, first = load->turn;
    for (unsigned i = 0; i < count; i++) {
        uint64_t before = load->maker.counter;
        fill(load, &load->connections[(first + i) % count], end_us);
        if (load->maker.counter > before) load->turn = (first + i + 1) % count;
    }
}

static void step(Load *load, int64_t end_us)
{
    struct epoll_event events[64];
    int count = epoll_wait(load->epoll, events, 64, load->options.rate > 0 ? 1 : 100);
    for (int i = 0; i < count; i++) {
        Connection *connection = events[i].data.ptr;
        if (events[i].events & EPOLLOUT && send_rest(load, connection))
            watch(load, connection, false);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(load, connection);
        if (load->options.rate == 0) fill(load, connection, end_us);
    }
    if (load->options.rate > 0) fill_all(load, end_us);
}

static void run(Load *load)
{
    load->start_us = load->next_due_us = clock_us(CLOCK_MONOTONIC);
    int64_t end_us = load->start_us + load->options.seconds * 1000000LL,
            patience_us = 30 * 1000000LL;
    for (unsigned i = 0; i < load->options.connections; i++)
        fill(load, &load->connections[i], end_us);
    while (!load->broken) {
        int64_t now_us = clock_us(CLOCK_MONOTONIC);
        bool over = now_us >= end_us || enough(load);
        if (over && (all_quiet(load) || now_us > end_us + patience_us)) return;
        step(load, end_us);
    }
}

static const struct option long_options[] = {
    {"host", required_argument, NULL, 'h'},       {"port", required_argument, NULL, 'p'},
    {"key", required_argument, NULL, 'k'},        {"path", required_argument, NULL, 'a'},
    {"seconds", required_argument, NULL, 's'},    {"connections", required_argument, NULL, 'c'},
    {"depth", required_argument, NULL, 'd'},      {"rate", required_argument, NULL, 'r'},
    {"people", required_argument, NULL, 'n'},     {"batch", required_argument, NULL, 'b'},
    {"orders", required_argument, NULL, 'o'},     {"seed", required_argument, NULL, 'e'},
    {"visitors", required_argument, NULL, 'v'},   {"events", required_argument, NULL, 'm'},
    {"sequential", required_argument, NULL, 'q'}, {"shop", required_argument, NULL, 'w'},
    {"visits", required_argument, NULL, 'i'},     {"visit-events", required_argument, NULL, 'l'},
    {"past-days", required_argument, NULL, 't'},  {NULL, 0, NULL, 0}};

static void number_set(Options *options, int option, uint64_t value)
{
    switch (option) {
    case 'p':
        options->port = (int)value;
        break;
    case 's':
        options->seconds = (unsigned)value;
        break;
    case 'c':
        options->connections = (unsigned)value;
        break;
    case 'd':
        options->depth = (unsigned)value;
        break;
    case 'r':
        options->rate = value;
        break;
    case 'n':
        options->events.people = (uint32_t)value;
        break;
    case 'b':
        options->events.batch = (uint32_t)value;
        break;
    case 'o':
        options->events.orders_share = (uint32_t)value;
        break;
    case 'e':
        options->events.seed = value;
        break;
    case 'v':
        options->events.visitors_share = (uint32_t)value;
        break;
    case 'm':
        options->events_max = value;
        break;
    case 'q':
        options->events.sequential = value != 0;
        break;
    case 'w':
        options->events.shop = value != 0;
        break;
    case 'i':
        options->events.visits = (uint32_t)value;
        break;
    case 'l':
        options->events.visit_events = (uint32_t)value;
        break;
    case 't':
        options->events.past_ms = (int64_t)value * 86400000;
        break;
    default:
        fprintf(stderr, "kith-load: bad option\n");
        exit(2);
    }
}

static Options options_read(int argc, char **argv)
{
    Options options = {.events = {.seed = 1,
                                  .visit_events = 100,
                                  .people = 1000000,
                                  .batch = 100,
                                  .orders_share = 10,
                                  .visitors_share = 50},
                       .host = "127.0.0.1",
                       .path = "/v1/batch",
                       .key = "",
                       .seconds = 60,
                       .connections = 16,
                       .depth = 2};
    int option;
    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (option == 'h')
            options.host = optarg;
        else if (option == 'k')
            options.key = optarg;
        else if (option == 'a')
            options.path = optarg;
        else
            number_set(&options, option, strtoull(optarg ? optarg : "0", NULL, 10));
    }
    if (options.events.past_ms > 0) options.events.past_events = options.events_max;
    if (options.connections < 1 || options.connections > CONNECTIONS_MAX || options.depth < 1 ||
        options.depth > DEPTH_MAX || options.events.batch < 1 || options.events.people < 1 ||
        options.events.batch > EVENT_BATCH_MAX || options.events.visits > EVENT_VISITS_MAX ||
        options.seconds < 2 || options.port == 0 || options.seconds > SECONDS_MAX) {
        fprintf(stderr, "kith-load: an option is out of range, or --port is missing\n");
        exit(2);
    }
    return options;
}

int main(int argc, char **argv)
{
    Load load = {.options = options_read(argc, argv), .epoll = epoll_create1(0)};
    event_maker_init(&load.maker, &load.options.events);
    load.connections = calloc(load.options.connections, sizeof *load.connections);
    load.latency = calloc(LATENCY_SLOTS, sizeof *load.latency);
    load.per_second = calloc(SECONDS_MAX, sizeof *load.per_second);
    if (!load.connections || !load.latency || !load.per_second || load.epoll < 0) die("memory");
    for (unsigned i = 0; i < load.options.connections; i++)
        connection_open(&load, &load.connections[i]);
    run(&load);
    report(&load);
    if (load.broken) fprintf(stderr, "kith-load: a connection broke\n");
    return load.broken || load.refused > 0 ? 1 : 0;
}
