#include "app/verify.h"

#include "timeline/orders_verify.h"

bool verify_all(App *app, Findings *findings, GError **error)
{
    return orders_verify(app_store(app), findings, error);
}
