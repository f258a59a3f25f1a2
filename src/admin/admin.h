/* admin/admin.h: the pages of the house: signing in, business profile, users, keys, shops, audit
 * log, retention, disk, and what needs attention.
 *
 * Reads any folder; nobody includes it but app/. What it changes it changes through the owner of
 * the table (net/account.h, net/auth.h, timeline/business.h, store/stage.h), each act with its
 * line in the audit log.
 *
 *     g_autoptr(Admin) admin = admin_new(&options, error);
 *     admin_add_routes(admin, server);
 */
#pragma once
#include "net/auth.h"
#include "net/server.h"

typedef struct Timeline Timeline;
typedef struct Measure Measure;
typedef struct Delivery Delivery;
typedef struct Admin Admin;

typedef struct AdminOptions {
    Store *store;
    Auth *auth;
    Timeline *timeline; /* names of events, for retention; NULL: none are listed */
    Measure *measure;   /* proposes the usual gap; NULL: none is proposed */
    Delivery *delivery; /* sends invites and resets; NULL: links are only shown */
    bool demo;          /* a browser on this machine is signed in as the demo's owner */
} AdminOptions;

/* Everything in `options` must outlive the result. Makes the default shop (id 1) when there is
 * none and, for a demo, its owner. Errors: those of the store. */
Admin *admin_new(const AdminOptions *options, GError **error);
void admin_free(Admin *admin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Admin, admin_free)

void admin_add_routes(Admin *admin, Server *server);

/* The set-up link to print at start ("https://…/setup/TOKEN"), or NULL when Kith is set up. The
 * caller frees it. */
char *admin_setup_url(Admin *admin, const char *base_url, GError **error);

/* The shop of this name, made when there is none. Errors: INVALID (name), those of the writer. */
bool admin_shop_get(Store *store, const char *name, int64_t *ret_shop_id, GError **error);
