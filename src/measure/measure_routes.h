/* measure/measure_routes.h: figures, cohorts, curves, Home and reconcile over HTTP. */
#pragma once
#include "measure/measure.h"
#include "net/server.h"

/* Adds the routes; the measure must outlive the server. */
void measure_add_routes(Server *server, Measure *measure);
