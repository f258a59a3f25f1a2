/* net/peer.h: one entry per connection, and the sweeper that cuts the slow ones.
 *
 * libmicrohttpd's timeout is about silence; a client that sends a byte a second never is silent.
 * So each connection bears one deadline, moved by the request it is in: time for a head, time for
 * a body at a least rate, time to read the reply, time to be idle. A thread looks twice a second
 * and shuts the socket of those that are over.
 */
#pragma once
#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PEER_IDLE_MS = 65000,       /* between two requests of one connection */
    PEER_REPLY_MS = 30000,      /* grace to read a reply */
    PEER_REPLY_RATE = 16 * 1024 /* bytes a second a client must read */
};
#define PEER_NEVER INT64_MAX

typedef struct Peer {
    int fd;
    _Atomic int64_t deadline_us; /* of clock_monotonic_us; PEER_NEVER: none */
    GList link;
} Peer;

typedef struct Peers Peers;

/* `tick` (may be NULL) is called at each look, outside locks. */
typedef void (*PeersTick)(void *data, int64_t now_us);
Peers *peers_new(PeersTick tick, void *data);
void peers_free(Peers *peers); /* ends the sweeper; all connections must be gone */

Peer *peer_new(Peers *peers, int fd, int64_t deadline_us);
void peer_free(Peers *peers, Peer *peer); /* before its socket is closed */

unsigned peers_count(Peers *peers);
uint64_t peers_cut(Peers *peers); /* connections cut so far */
