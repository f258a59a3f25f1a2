/* app/app_private.h: what app.c and serve.c share. */
#pragma once
#include "app/app.h"
#include "timeline/import.h"
#include "timeline/orders_routes.h"

struct App {
    Store *store;
    People *people;
    Timeline *timeline;
    Orders *orders;
    Imports *imports;
    Measure *measure;
    Auth *auth;
    OrdersRoutes orders_routes;
};
