/* net/fetch.h: one GET of an address, to see from the outside what stands there.
 *
 * For checking Kith's own public address: no redirect is followed (one is reported), no proxy and
 * no credentials are used, only http and https are spoken, at most FETCH_BODY_MAX bytes are kept,
 * and all of it takes at most FETCH_MS. Certificates are checked against the machine's list, or
 * SSL_CERT_FILE's. Blocking: worker threads only.
 *
 *     FetchAsk ask = {.url = "https://mail.shop.example/p/here/…"};
 *     fetch(&ask, &answer);
 */
#pragma once
#include "net/dns.h"

enum { FETCH_MS = 15000, FETCH_BODY_MAX = 256, FETCH_TEXT_SIZE = 200 };

typedef enum FetchOutcome {
    FETCH_ANSWERED,
    FETCH_NO_NAME,       /* the name has no address */
    FETCH_NO_CONNECTION, /* nobody listens there, or the way is shut */
    FETCH_TIMEOUT,
    FETCH_CERTIFICATE, /* expired, of another name, or of nobody whom browsers trust */
    FETCH_FAILED       /* anything else: `text` */
} FetchOutcome;

/* Where the address led. */
typedef enum FetchPlace { PLACE_UNKNOWN, PLACE_LOOPBACK, PLACE_PRIVATE, PLACE_PUBLIC } FetchPlace;

typedef struct FetchAsk {
    const char *url;
    const Dns *dns; /* names are looked up here when a server is set in it; else by the machine */
    bool (*stopping)(void *data); /* or NULL */
    void *data;
} FetchAsk;

typedef struct FetchAnswer {
    FetchOutcome outcome;
    int status; /* of HTTP; 0: none */
    FetchPlace place;
    char body[FETCH_BODY_MAX + 1];
    size_t size;
    char text[FETCH_TEXT_SIZE]; /* the library's words, one line; "" when all went well */
} FetchAnswer;

/* `ret_answer` is always written. */
void fetch(const FetchAsk *ask, FetchAnswer *ret_answer);

/* The place of a numeric address; PLACE_UNKNOWN when it is none. Pure. */
FetchPlace fetch_place(const char *address);
