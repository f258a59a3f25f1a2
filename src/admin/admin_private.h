/* admin/admin_private.h: the inside of Admin and its route tables. */
#pragma once
#include "admin/admin.h"
#include "timeline/business.h"

struct Admin {
    AdminOptions options;
    int64_t demo_account_id; /* 0: no demo */
};

void session_routes_add(Admin *admin, Server *server);
void business_routes_add(Admin *admin, Server *server);
void user_routes_add(Admin *admin, Server *server);
void house_routes_add(Admin *admin, Server *server);

/* The profile as read now. */
bool admin_business(Admin *admin, Business *ret_business, GError **error);

/* BASE/PAGE/TOKEN: where the pages take up a one-time link. The caller frees it. */
char *admin_link(const char *base_url, const char *page, const char *token);

/* JSON of an id; of a nullable time. */
json_t *admin_id(int64_t id);
json_t *admin_time(DbInt at);

extern const Schema admin_done_reply; /* {"done":true} */
bool admin_done(Request *request);
