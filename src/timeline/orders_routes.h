/* timeline/orders_routes.h: purchases typed in by hand, and finding an order by its number. */
#pragma once
#include "net/server.h"
#include "timeline/orders.h"

typedef struct OrdersRoutes {
    Orders *orders;
    People *people;
    Store *store;
} OrdersRoutes;

/* Adds the routes; `context` must outlive the server. */
void orders_add_routes(Server *server, OrdersRoutes *context);
