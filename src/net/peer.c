#include "net/peer.h"

#include "base/clock.h"

#include <sys/socket.h>

struct Peers {
    GMutex mutex;
    GCond wake;
    GQueue all; /* of Peer.link */
    GThread *sweeper;
    bool stop;
    PeersTick tick;
    void *tick_data;
    uint64_t cut;
};

enum { SWEEP_US = 500 * 1000 };

/* Only the socket is shut: libmicrohttpd sees the end and cleans up in its own thread. */
static void peers_sweep(Peers *peers, int64_t now_us)
{
    for (GList *link = peers->all.head; link; link = link->next) {
        Peer *peer = link->data;
        if (atomic_load(&peer->deadline_us) >= now_us) continue;
        atomic_store(&peer->deadline_us, PEER_NEVER);
        shutdown(peer->fd, SHUT_RDWR);
        peers->cut++;
    }
}

static gpointer sweeper_run(gpointer data)
{
    Peers *peers = data;
    g_mutex_lock(&peers->mutex);
    while (!peers->stop) {
        g_cond_wait_until(&peers->wake, &peers->mutex, g_get_monotonic_time() + SWEEP_US);
        peers_sweep(peers, clock_monotonic_us());
        g_mutex_unlock(&peers->mutex);
        if (peers->tick) peers->tick(peers->tick_data, clock_monotonic_us());
        g_mutex_lock(&peers->mutex);
    }
    g_mutex_unlock(&peers->mutex);
    return NULL;
}

Peers *peers_new(PeersTick tick, void *data)
{
    Peers *peers = g_new0(Peers, 1);
    peers->tick = tick;
    peers->tick_data = data;
    g_mutex_init(&peers->mutex);
    g_cond_init(&peers->wake);
    peers->sweeper = g_thread_new("net sweeper", sweeper_run, peers);
    return peers;
}

void peers_free(Peers *peers)
{
    if (!peers) return;
    g_mutex_lock(&peers->mutex);
    peers->stop = true;
    g_cond_signal(&peers->wake);
    g_mutex_unlock(&peers->mutex);
    g_thread_join(peers->sweeper);
    g_assert(peers->all.length == 0);
    g_mutex_clear(&peers->mutex);
    g_cond_clear(&peers->wake);
    g_free(peers);
}

Peer *peer_new(Peers *peers, int fd, int64_t deadline_us)
{
    Peer *peer = g_new0(Peer, 1);
    peer->fd = fd;
    peer->link.data = peer;
    atomic_store(&peer->deadline_us, deadline_us);
    g_mutex_lock(&peers->mutex);
    g_queue_push_tail_link(&peers->all, &peer->link);
    g_mutex_unlock(&peers->mutex);
    return peer;
}

void peer_free(Peers *peers, Peer *peer)
{
    g_mutex_lock(&peers->mutex);
    g_queue_unlink(&peers->all, &peer->link);
    g_mutex_unlock(&peers->mutex);
    g_free(peer);
}

unsigned peers_count(Peers *peers)
{
    g_mutex_lock(&peers->mutex);
    unsigned count = peers->all.length;
    g_mutex_unlock(&peers->mutex);
    return count;
}

uint64_t peers_cut(Peers *peers)
{
    g_mutex_lock(&peers->mutex);
    uint64_t cut = peers->cut;
    g_mutex_unlock(&peers->mutex);
    return cut;
}
