#include "app/app_private.h"

#include "app/groups.h"
#include "measure/provider.h"
#include "messages/outbox.h"
#include "messages/personal.h"
#include "people/consent_rules.h"
#include "people/erase.h"
#include "people/list.h"
#include "people/personal.h"
#include "segments/feed.h"
#include "segments/personal.h"
#include "timeline/order_basis.h"
#include "timeline/order_events.h"
#include "timeline/personal.h"

#include <string.h>

/* The survivor of a stem, for figures: 0 while nobody is known. */
static int64_t person_of(void *data, int64_t stem)
{
    App *app = data;
    return stem == 0 ? 0 : people_person(app->people, stem);
}

static int64_t facts_version(void *data)
{
    App *app = data;
    return orders_version(app->orders) + people_links_version(app->people);
}

/* What every folder declared as personal: export and erasure walk it. */
static const PersonalTable *const personal[] = {
    people_personal, timeline_personal, messages_personal, inbox_personal, segments_personal, NULL};

/* A store that came from a backup forgets again whom it was told to forget, before it serves. */
static bool people_prepare(App *app, GError **error)
{
    int64_t repeated;
    app->personal_files[0] = timeline_personal_file(app->timeline);
    people_set_domains(app->people,
                       &(PeopleDomains){.personal = personal, .files = app->personal_files});
    return people_never_replay(app->people, &repeated, error);
}

/* The outbox hears of every no in the transaction that writes it, the inbox of every erasure. */
static bool mail_refused(void *context, Db *db, const PeopleRefusal *refusal, GError **error)
{
    App *app = context;
    bool mail = strcmp(refusal->channel, "*") == 0 || strcmp(refusal->channel, "email") == 0;
    bool erased = strcmp(refusal->reason, denial_reason_name(DENIAL_ERASED)) == 0;
    Refusal no = {refusal->person_id, refusal->address, refusal->topic, refusal->reason};
    if (erased && refusal->person_id && !inbox_forget(app->inbox, db, refusal->person_id, error))
        return false;
    return !mail || outbox_refuse(app->messages, db, &no, NULL, error);
}

static void messages_open(App *app)
{
    app->carrier = delivery_carrier_new(app->delivery);
    app->messages = messages_new(&(MessagesOptions){.store = app->store,
                                                    .people = app->people,
                                                    .timeline = app->timeline,
                                                    .groups = groups_of(app->segments),
                                                    .carrier = delivery_carrier(app->carrier)});
    app->inbox = inbox_new(&(InboxOptions){.store = app->store,
                                           .people = app->people,
                                           .timeline = app->timeline,
                                           .messages = app->messages,
                                           .delivery = app->delivery});
    app->inbound = inbound_new(&(InboundOptions){app->store, inbox_taker(app->inbox)});
    people_set_refusals(app->people, &(PeopleRefusals){app, mail_refused});
}

static bool app_open_parts(App *app, GError **error)
{
    app->people = people_open(app->store, error);
    if (!app->people) return false;
    app->timeline = timeline_open(app->store, app->people, error);
    if (!app->timeline || !people_prepare(app, error)) return false;
    app->orders = orders_new(app->store, app->people, &order_events, app->timeline);
    PeopleOrders bought = orders_basis(app->orders);
    people_set_orders(app->people, &bought);
    app->imports = imports_new(&(ImportParts){app->store, app->people, app->timeline, app->orders});
    app->hooks =
        hooks_open(&(HookParts){app->store, app->people, app->timeline, app->orders}, error);
    if (!app->hooks) return false;
    app->personal_files[1] = imports_personal_file(app->imports);
    app->segments = segments_new(
        &(SegmentsOptions){.store = app->store, .people = app->people, .timeline = app->timeline});
    app->watch = watch_new(app->segments, error);
    if (!app->watch) return false;
    app->delivery = delivery_new(&(DeliveryOptions){.store = app->store, .people = app->people});
    app->personal_files[2] = mailbox_personal_file(delivery_mailbox(app->delivery));
    messages_open(app);
    app->measure = measure_new(&(MeasureOptions){.store = app->store,
                                                 .person = person_of,
                                                 .version = facts_version,
                                                 .data = app,
                                                 .segments = app->segments});
    PeopleProvider provider = measure_provider(app->measure);
    people_set_provider(app->people, &provider);
    app->auth = auth_new(app->store, error);
    return app->auth != NULL;
}

App *app_open(const AppOptions *options, GError **error)
{
    g_autoptr(App) app = g_new0(App, 1);
    app->store = store_open(&(StoreOptions){.data_dir = options->data_dir,
                                            .database = options->database,
                                            .reader_ms = options->reader_ms,
                                            .must_exist = options->must_exist},
                            error);
    if (!app->store || !app_open_parts(app, error)) return NULL;
    return g_steal_pointer(&app);
}

/* In the order opposite to opening: each part outlives those that were given it. */
void app_free(App *app)
{
    if (!app) return;
    g_clear_pointer(&app->jobs, jobs_stop);
    g_clear_pointer(&app->admin, admin_free);
    g_clear_pointer(&app->auth, auth_free);
    g_clear_pointer(&app->measure, measure_free);
    if (app->carrier) delivery_carrier_stop(app->carrier);
    g_clear_pointer(&app->inbound, inbound_free);
    g_clear_pointer(&app->inbox, inbox_free);
    g_clear_pointer(&app->messages, messages_free);
    g_clear_pointer(&app->carrier, delivery_carrier_free);
    g_clear_pointer(&app->delivery, delivery_free);
    g_clear_pointer(&app->watch, watch_free);
    g_clear_pointer(&app->feed, feed_free);
    g_clear_pointer(&app->segments, segments_free);
    g_clear_pointer(&app->hooks, hooks_free);
    g_clear_pointer(&app->imports, imports_free);
    g_clear_pointer(&app->orders, orders_free);
    g_clear_pointer(&app->timeline, timeline_free);
    g_clear_pointer(&app->people, people_free);
    g_clear_pointer(&app->store, store_close);
    g_free(app->url);
    g_free(app);
}

Store *app_store(App *app) { return app->store; }
People *app_people(App *app) { return app->people; }
Timeline *app_timeline(App *app) { return app->timeline; }
Orders *app_orders(App *app) { return app->orders; }
Imports *app_imports(App *app) { return app->imports; }
Segments *app_segments(App *app) { return app->segments; }
Delivery *app_delivery(App *app) { return app->delivery; }
Messages *app_messages(App *app) { return app->messages; }
Inbox *app_inbox(App *app) { return app->inbox; }
Inbound *app_inbound(App *app) { return app->inbound; }
Measure *app_measure(App *app) { return app->measure; }
Auth *app_auth(App *app) { return app->auth; }
