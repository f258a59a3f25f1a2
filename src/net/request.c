#include "net/request.h"

#include "base/error.h"
#include "net/exchange.h"

#include <string.h>

const Actor *request_actor(const Request *request) { return &request->actor; }
void *request_context(const Request *request) { return request->entry->context; }
int64_t request_now_ms(const Request *request) { return request->now_ms; }
const char *request_method(const Request *request) { return request->method; }
const char *request_csrf(const Request *request) { return request->csrf; }
const char *request_id(const Request *request) { return request->id; }

const char *request_path(const Request *request)
{
    Request *own = (Request *)request; /* a cache, not a change */
    if (own->path_text) return own->path_text;
    GString *text = g_string_new(request->path.count ? NULL : "/");
    for (unsigned i = 0; i < request->path.count; i++)
        g_string_append_printf(text, "/%s", request->path.items[i]);
    return own->path_text = g_string_free(text, FALSE);
}

const char *request_path_text(const Request *request, const char *name)
{
    int index = route_path_index(request->entry->route, name);
    g_assert(index >= 0);
    return request->path.items[index];
}

int64_t request_path_id(const Request *request, const char *name)
{
    gint64 id = 0;
    const char *text = request_path_text(request, name);
    if (!g_ascii_isdigit(text[0])) return 0;
    return g_ascii_string_to_signed(text, 10, 1, G_MAXINT64, &id, NULL) ? id : 0;
}

const void *request_input(const Request *request) { return request->input; }
const void *request_query(const Request *request) { return request->query_input; }

bool request_given(const Request *request, const char *field)
{
    return json_object_get(request->json, field) != NULL;
}

const char *request_query_text(Request *request, const char *name)
{
    if (!request->query.text && request->query_text) {
        g_autoptr(GError) ignored = NULL;
        if (!query_parse(request->query_text, &request->query, &ignored))
            query_clear(&request->query);
    }
    return query_get(&request->query, name);
}

const char *request_header(const Request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

char *request_body(Request *request, size_t *ret_size)
{
    if (ret_size) *ret_size = request->body.size;
    return request->body.data;
}

const char *request_file(const Request *request, int64_t *ret_size)
{
    if (ret_size) *ret_size = request->file_size;
    return request->file_path;
}

const char *request_address(const Request *request)
{
    address_resolve((Request *)request); /* a cache, not a change */
    return request->address;
}

const char *request_base_url(const Request *request)
{
    if (!request->base_url) base_url_resolve((Request *)request); /* a cache, not a change */
    return request->base_url;
}

void request_set_data(Request *request, void *data, GDestroyNotify destroy)
{
    g_assert(!request->data_destroy);
    request->data = data;
    request->data_destroy = destroy;
}

void *request_data(const Request *request) { return request->data; }
