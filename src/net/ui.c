#include "net/ui.h"

#include "base/error.h"
#include "net/auth.h"

#include <gio/gio.h>
#include <string.h>

/* Made by tools/ui_bundle.py. */
GResource *ui_bundle_get_resource(void);
void ui_bundle_register_resource(void);

static const struct {
    const char *extension, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".json", "application/json"},
    {".woff2", "font/woff2"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
};

/* What is not a page of the UI even when no route matches. */
static const char *const others[] = {"/api", "/v1", "/hooks", "/compat", "/p", "/t"};

static const char *type_of(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (g_str_has_suffix(path, types[i].extension)) return types[i].type;
    return "application/octet-stream";
}

static GBytes *file_find(const char *path, const char *form)
{
    g_autofree char *name = g_strconcat("/ui", path, form, NULL);
    return g_resource_lookup_data(ui_bundle_get_resource(), name, 0, NULL);
}

/* The smallest form that the browser takes. */
static GBytes *file_choose(Request *request, const char *path, const char **ret_coding)
{
    static const struct {
        const char *coding, *form;
    } forms[] = {{"br", ".br"}, {"gzip", ".gz"}};
    const char *header = request_header(request, "Accept-Encoding");
    for (size_t i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (!accept_encoding_allows(header, forms[i].coding)) continue;
        GBytes *bytes = file_find(path, forms[i].form);
        *ret_coding = forms[i].coding;
        if (bytes) return bytes;
    }
    *ret_coding = NULL;
    return file_find(path, "");
}

static bool file_reply(Request *request, const char *path, GError **error)
{
    const char *coding;
    g_autoptr(GBytes) bytes = file_choose(request, path, &coding);
    if (!bytes) return fail(error, KITH_ERROR_NOT_FOUND, "there is no such file");
    bool hashed = g_str_has_prefix(path, "/assets/");
    request_set_header(request, "Cache-Control",
                       hashed ? "public, max-age=31536000, immutable" : "no-cache");
    request_set_header(request, "Vary", "Accept-Encoding");
    if (coding) request_set_header(request, "Content-Encoding", coding);
    gsize size;
    const void *data = g_bytes_get_data(bytes, &size);
    return request_reply_static(request, type_of(path), data, size);
}

/* The policy of the pages: nothing inline but styles that bear this answer's nonce. */
static void policy_set(Request *request, const char *nonce)
{
    g_autofree char *policy = g_strdup_printf(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-%s'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri "
        "'none'; "
        "form-action 'self'; frame-ancestors 'none'",
        nonce);
    request_set_header(request, "Content-Security-Policy", policy);
}

static bool page_reply(Request *request, GError **error)
{
    char nonce[AUTH_TOKEN_SIZE];
    g_autoptr(GBytes) bytes = file_find("/index.html", "");
    if (!bytes) return fail(error, KITH_ERROR_INTERNAL, "the bundle has no index.html");
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    g_autofree char *copy = g_strndup(text, size);
    auth_token_new(nonce);
    g_auto(GStrv) parts = g_strsplit(copy, UI_NONCE_MARK, -1);
    g_autofree char *page = g_strjoinv(nonce, parts);
    policy_set(request, nonce);
    request_set_header(request, "Cache-Control", "no-store");
    return request_reply_bytes(request, 200, "text/html; charset=utf-8", page, strlen(page));
}

static bool is_other(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        size_t size = strlen(others[i]);
        if (strncmp(path, others[i], size) == 0 && (path[size] == '/' || path[size] == '\0'))
            return true;
    }
    return false;
}

static bool ui_get(Request *request, GError **error)
{
    const char *path = request_path(request);
    if (is_other(path)) return fail(error, KITH_ERROR_NOT_FOUND, "there is nothing at this path");
    const char *last = strrchr(path, '/');
    bool page = (!strchr(last, '.') && !g_str_has_prefix(path, "/assets/")) ||
                strcmp(path, "/index.html") == 0;
    return page ? page_reply(request, error) : file_reply(request, path, error);
}

/* Once a process: registering twice would tie GLib's list into a ring. */
static void bundle_register(void)
{
    static gsize once;
    if (!g_once_init_enter(&once)) return;
    ui_bundle_register_resource();
    g_once_init_leave(&once, 1);
}

void ui_serve(Server *server)
{
    bundle_register();
    server_set_fallback(server, ui_get, NULL);
}
