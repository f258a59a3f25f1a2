/* timeline/timeline_routes.h: a person's timeline and the Live page, over HTTP. */
#pragma once
#include "net/server.h"
#include "timeline/timeline.h"

/* GET /api/people/{id}/timeline, /api/live, /api/live/stream. Before the server starts; the
 * timeline must outlive it. */
void timeline_add_routes(Timeline *timeline, Server *server);
