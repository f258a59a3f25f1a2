/* timeline/track.h: the Segment-compatible tracking API.
 *
 * A request is parsed and prepared in the HTTP thread (track_parse.h, track_prepare.c), handed to
 * the writer in units of TRACK_UNIT_CALLS calls (track_store.c), and answered when the last of
 * them is committed: exactly 200 and a small JSON object that lists the calls that were refused.
 * An answer other than 200 means that some or all were not stored; the client sends again, and
 * de-duplication keeps what is there from counting twice.
 *
 *   identify track page screen group alias batch, their browser paths, settings (track_routes.c)
 *
 * What the public key may not do (promise 8) is refused or marked here: names that Kith emits,
 * money (unconfirmed), identities (people/resolve.h), traits and addresses (people/trait.h).
 */
#pragma once
#include "net/server.h"
#include "timeline/orders.h"
#include "timeline/timeline.h"

enum {
    TRACK_UNIT_CALLS = 250,       /* calls of one unit of the writer: about 1 ms on SQLite */
    TRACK_WAIT_MS_MAX = 5000,     /* the writer's oldest unit waits longer: 429 */
    TRACK_ARENA_BYTES = 64 << 20, /* memory of one request; a batch of 4 MB needs about 20 */
    TRACK_POOL_MAX = 64,          /* requests and tools kept for reuse */
};

typedef struct Track Track;

/* `orders` may be NULL (tests): purchases are then plain events. All must outlive the result. */
Track *track_new(Timeline *timeline, Orders *orders);

/* After server_stop and before server_free: waits until the writer is done with every request. */
void track_free(Track *track);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Track, track_free)

/* Adds /v1/… and the start-up documents of the browser clients. */
void track_add_routes(Track *track, Server *server);

/* Whether a request has to be turned away now (429), and after how many seconds to come again. */
bool track_is_busy(const Track *track, unsigned *ret_wait_s);
