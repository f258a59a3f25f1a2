#include "app/verify.h"

#include "messages/verify.h"
#include "people/verify.h"
#include "timeline/orders_verify.h"
#include "timeline/timeline_verify.h"

bool verify_all(App *app, Findings *findings, GError **error)
{
    return people_verify(app_people(app), findings, error) &&
           timeline_verify(app_timeline(app), findings, error) &&
           orders_verify(app_store(app), findings, error) &&
           messages_verify(app_messages(app), findings, error) &&
           inbox_verify(app_inbox(app), findings, error);
}
