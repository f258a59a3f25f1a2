/* segments/segments_routes.h: rules over HTTP: how many, who, whether a text is a rule; the ready
 * groups; the segments that somebody keeps. All need a session or an `api` key.
 *
 *     segments_add_routes(server, segments);
 */
#pragma once
#include "net/server.h"
#include "segments/segments.h"

void segments_add_routes(Server *server, Segments *segments);

/* Those for whoever builds a rule: names, previews, comparisons. Part of the above. */
void segments_add_look_routes(Server *server, Segments *segments);

/* Why somebody is meant. Part of the above. */
void segments_add_why_routes(Server *server, Segments *segments);

/* In which segments one person is. Part of the above. */
void segments_add_person_routes(Server *server, Segments *segments);

/* The people of a rule as a CSV file. Part of the above. */
void segments_add_export_routes(Server *server, Segments *segments);

/* Lists of people. Part of the above. */
void segments_add_picked_routes(Server *server, Segments *segments);

/* What is watched, and who came and went. Part of the above. */
void segments_add_watch_routes(Server *server, Segments *segments);
