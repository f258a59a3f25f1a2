#include "app/routes.h"

#include "measure/measure_routes.h"

bool routes_add(App *app, Server *server, GError **error)
{
    (void)error;
    measure_add_routes(server, app_measure(app));
    return true;
}

bool routes_greet(App *app, const char *address, Console *console, GError **error)
{
    (void)app;
    (void)address;
    (void)console;
    (void)error;
    return true;
}
