/* timeline/import_routes.h: /api/imports: upload, look, map, start, watch, take the rejected rows.
 */
#pragma once
#include "net/server.h"
#include "timeline/import.h"

/* `imports` must outlive the server. */
void import_add_routes(Server *server, Imports *imports);
