/* net/openapi.h: the API document, made from the route tables (OpenAPI 3.1).
 *
 * Served at /api/openapi.json; `tools/api_types.py` makes the UI's TypeScript types from it, and a
 * test fails when the two have drifted apart. Every schema that a listed route names is a component
 * under its own name; two schemas of one name with different fields are a bug (assert).
 */
#pragma once
#include "net/server.h"

/* The whole document; new reference. `base_url`: where the API is reached. */
json_t *openapi_document(const Server *server, const char *base_url);

/* Adds GET /api/openapi.json; before server_start. */
void openapi_serve(Server *server);
