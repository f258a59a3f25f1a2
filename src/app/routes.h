/* app/routes.h: which tables of routes a server has. Names every domain once. */
#pragma once
#include "app/app.h"
#include "net/server.h"

/* Adds all routes. Before server_start. `demo`: the store holds the demo shop, whose owner a
 * browser on this machine is. */
bool routes_add(App *app, Server *server, bool demo, GError **error);

/* Prints the one-time set-up link of a store nobody owns yet. */
bool routes_greet(App *app, const char *address, Console *console, GError **error);
