/* people/people_routes.h: people over HTTP: the list, the page, what is done by hand, merge and
 * undo, export and erasure. All need a session or an `api` key.
 *
 *     people_add_routes(server, people);
 */
#pragma once
#include "net/server.h"
#include "people/people.h"

/* The reply schema of people_rows_json (list.h), for pages of people elsewhere. */
extern const Schema people_row_reply;

void people_add_routes(Server *server, People *people);

/* /api/permission…: who may be written to (people/permission.h). */
void people_add_permission_routes(Server *server, People *people);
