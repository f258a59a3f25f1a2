/* app/app_private.h: what app.c and serve.c share. */
#pragma once
#include "admin/admin.h"
#include "app/app.h"
#include "delivery/carrier.h"
#include "measure/letter.h"
#include "messages/messages.h"
#include "people/personal.h"
#include "segments/watch.h"
#include "store/jobs.h"
#include "timeline/hooks.h"
#include "timeline/import.h"
#include "timeline/orders_routes.h"

struct App {
    Store *store;
    Jobs *jobs; /* NULL until app_jobs_start; stopped before anything it works on is freed */
    People *people;
    Timeline *timeline;
    Orders *orders;
    Imports *imports;
    Segments *segments;
    Watch *watch;
    Feed *feed; /* columns that are kept equal to the store; NULL: off, or no server */
    Delivery *delivery;
    DeliveryCarrier *carrier;
    Messages *messages;
    Inbox *inbox;
    Inbound *inbound;
    Hooks *hooks;
    Measure *measure;
    Auth *auth;
    Admin *admin; /* while it serves */
    char *url;    /* of the pages, once it serves; NULL: not known */
    LetterRoutes letter_routes;
    OrdersRoutes orders_routes;
    PersonalFile personal_files[4]; /* ends with {NULL} */
};
