#include "app/routes.h"

#include "app/app_private.h"
#include "measure/measure_routes.h"
#include "net/account.h"
#include "people/people_routes.h"
#include "timeline/import_routes.h"
#include "timeline/timeline_routes.h"

bool routes_add(App *app, Server *server, GError **error)
{
    (void)error;
    people_add_routes(server, app->people);
    app->orders_routes = (OrdersRoutes){app->orders, app->people, app->store};
    orders_add_routes(server, &app->orders_routes);
    import_add_routes(server, app->imports);
    measure_add_routes(server, app->measure);
    timeline_add_routes(app->timeline, server);
    return true;
}

bool routes_greet(App *app, const char *address, Console *console, GError **error)
{
    char token[AUTH_TOKEN_SIZE];
    if (!account_setup_link(app_auth(app), token, error)) return false;
    if (*token)
        console_note(console,
                     "Nobody owns this store yet. Open this once, within 30 days:\n  %s/setup/%s\n",
                     address, token);
    return true;
}
