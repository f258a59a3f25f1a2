/* net/dns.h: questions to the domain name system, answered in bounded time and size.
 *
 * Over libc's resolver (docs/adr/0009): it is on every machine, asks over UDP and, when the answer
 * is cut, over TCP, and checks that an answer belongs to its question. Each question has its own
 * resolver state, so a Dns may be shared by threads. A question takes at most DNS_TRIES times
 * DNS_TRY_S a server and cannot be interrupted: worker threads only, never a request.
 *
 * What comes back was written by strangers: records are printable ASCII, cut at DNS_TEXT_MAX, and
 * at most DNS_RECORDS_MAX of them are kept.
 *
 *     g_autoptr(Dns) dns = dns_new(NULL, error);
 *     g_auto(DnsAnswer) answer = {0};
 *     dns_ask(dns, "shop.example", DNS_TXT, &answer);
 *     if (answer.outcome == DNS_FOUND) … answer.records …
 */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_NAME_MAX = 253,
    DNS_TEXT_MAX = 4096,
    DNS_RECORDS_MAX = 64,
    DNS_TRY_S = 2,
    DNS_TRIES = 2,
};

typedef enum DnsType { DNS_TXT, DNS_CNAME, DNS_MX, DNS_A, DNS_AAAA } DnsType;

typedef enum DnsOutcome {
    DNS_FAILED, /* no answer, or one that makes no sense: nothing is known */
    DNS_NONE,   /* there is no such name, or no such record of it */
    DNS_FOUND
} DnsOutcome;

typedef struct DnsAnswer {
    DnsOutcome outcome;
    GPtrArray *records; /* of char *: a TXT's strings joined, "10 mx.example", "192.0.2.1" */
    char *alias;        /* where a CNAME on the way led; NULL: none */
} DnsAnswer;

void dns_answer_clear(DnsAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DnsAnswer, dns_answer_clear)

typedef struct Dns Dns;

/* `server`: "192.0.2.53" or "127.0.0.1:5353"; NULL: those of this machine. The caller frees.
 * Errors: INVALID (not an IPv4 address with a port or without). */
Dns *dns_new(const char *server, GError **error);
void dns_free(Dns *dns);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Dns, dns_free)

/* Whether a server of our own was named. */
bool dns_is_set(const Dns *dns);

/* Letters, digits, '-' and '_' in labels of at most 63, 253 in all, at least one dot. */
bool dns_name_check(const char *name);

/* Asks, and waits. `ret_answer` is always written and is the caller's to clear; a name that is none
 * has no records. */
void dns_ask(const Dns *dns, const char *name, DnsType type, DnsAnswer *ret_answer);

/* Reads an answer as it came over the wire; what dns_ask does with it. False (DNS_FAILED) when it
 * is none. Pure. */
bool dns_read(const uint8_t *data, size_t size, DnsType type, DnsAnswer *ret_answer);
