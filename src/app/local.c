#include "app/local.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct Local {
    App *app;
    char *path;
    GSocket *socket;
    GThread *accepter;
    GCancellable *stop;
    GMutex mutex;
    GCond idle;
    unsigned running;
};

/* One command that runs on behalf of a connection. */
typedef struct LocalCall {
    Local *local;
    GSocket *socket;
    Console console;
    json_t *request;
    char **argv;
    GThread *watcher;
    GCancellable *over;
} LocalCall;

static char *socket_path(const char *data_dir)
{
    return g_build_filename(data_dir, "kith.sock", NULL);
}

static bool send_all(GSocket *socket, const void *data, size_t size)
{
    for (size_t sent = 0; sent < size;) {
        gssize count = g_socket_send(socket, (const char *)data + sent, size - sent, NULL, NULL);
        if (count <= 0) return false;
        sent += (size_t)count;
    }
    return true;
}

static bool receive_all(GSocket *socket, void *data, size_t size)
{
    for (size_t got = 0; got < size;) {
        gssize count = g_socket_receive(socket, (char *)data + got, size - got, NULL, NULL);
        if (count <= 0) return false;
        got += (size_t)count;
    }
    return true;
}

static bool send_frame(GSocket *socket, char kind, const void *data, size_t size)
{
    char head[5] = {kind};
    uint32_t length = (uint32_t)size;
    memcpy(head + 1, &length, sizeof length);
    return send_all(socket, head, sizeof head) && send_all(socket, data, size);
}

/* ── server side ─────────────────────────────────────────────────────────────────────────────── */

static bool call_write(void *context, ConsoleStream stream, const char *text, size_t size)
{
    LocalCall *call = context;
    return send_frame(call->socket, stream == CONSOLE_OUT ? 'o' : 'e', text, size);
}

/* Closes the console when the caller hangs up: nothing more is expected from it. */
static gpointer call_watch(gpointer data)
{
    LocalCall *call = data;
    char byte;
    while (g_socket_receive(call->socket, &byte, 1, call->over, NULL) > 0) {}
    if (!g_cancellable_is_cancelled(call->over)) console_close(&call->console);
    return NULL;
}

static json_t *request_receive(GSocket *socket)
{
    uint32_t length;
    if (!receive_all(socket, &length, sizeof length)) return NULL;
    if (length > LOCAL_REQUEST_BYTES_MAX) return NULL;
    g_autofree char *text = g_malloc(length + 1u);
    if (!receive_all(socket, text, length)) return NULL;
    return json_loadb(text, length, 0, NULL);
}

static bool call_read(LocalCall *call)
{
    call->request = request_receive(call->socket);
    json_t *argv = json_object_get(call->request, "argv");
    const char *directory = json_string_value(json_object_get(call->request, "directory"));
    if (json_array_size(argv) < 1 || !directory) return false;
    call->argv = g_new0(char *, json_array_size(argv) + 1);
    for (size_t i = 0; i < json_array_size(argv); i++) {
        const char *word = json_string_value(json_array_get(argv, i));
        if (!word) return false;
        call->argv[i] = g_strdup(word);
    }
    call->console = (Console){.write = call_write,
                              .context = call,
                              .terminal = json_is_true(json_object_get(call->request, "terminal")),
                              .directory = directory};
    return true;
}

static void call_free(LocalCall *call)
{
    Local *local = call->local;
    if (call->watcher) {
        g_cancellable_cancel(call->over);
        g_thread_join(call->watcher);
    }
    g_clear_object(&call->over);
    g_clear_object(&call->socket);
    g_strfreev(call->argv);
    if (call->request) json_decref(call->request);
    g_free(call);
    g_mutex_lock(&local->mutex);
    local->running--;
    g_cond_signal(&local->idle);
    g_mutex_unlock(&local->mutex);
}

static gpointer call_run(gpointer data)
{
    LocalCall *call = data;
    if (call_read(call)) {
        call->over = g_cancellable_new();
        call->watcher = g_thread_new("local-watch", call_watch, call);
        uint8_t status = (uint8_t)command_run(call->local->app, &call->console,
                                              (int)g_strv_length(call->argv), call->argv);
        send_frame(call->socket, 'x', &status, 1);
    }
    call_free(call);
    return NULL;
}

static bool peer_is_us(GSocket *socket)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
        return false;
    return peer.uid == geteuid() || peer.uid == 0;
}

static bool local_enter(Local *local)
{
    g_mutex_lock(&local->mutex);
    bool entered = local->running < LOCAL_COMMANDS_MAX;
    if (entered) local->running++;
    g_mutex_unlock(&local->mutex);
    return entered;
}

static gpointer local_accept(gpointer data)
{
    Local *local = data;
    while (!g_cancellable_is_cancelled(local->stop)) {
        GSocket *socket = g_socket_accept(local->socket, local->stop, NULL);
        if (!socket) continue;
        if (!peer_is_us(socket) || !local_enter(local)) {
            g_object_unref(socket);
            continue;
        }
        LocalCall *call = g_new0(LocalCall, 1);
        call->local = local;
        call->socket = socket;
        g_thread_unref(g_thread_new("local-command", call_run, call));
    }
    return NULL;
}

static GSocket *socket_new(GError **error)
{
    return g_socket_new(G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                        error);
}

Local *local_new(App *app, const char *data_dir, GError **error)
{
    g_autofree char *path = socket_path(data_dir);
    g_autoptr(GSocket) socket = socket_new(error);
    if (!socket) return NULL;
    unlink(path);
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    mode_t before = umask(0077);
    bool bound = g_socket_bind(socket, address, FALSE, error);
    umask(before);
    if (!bound || !g_socket_listen(socket, error)) {
        g_prefix_error(error, "could not listen on %s: ", path);
        return NULL;
    }
    Local *local = g_new0(Local, 1);
    local->app = app;
    local->path = g_steal_pointer(&path);
    local->socket = g_steal_pointer(&socket);
    local->stop = g_cancellable_new();
    g_mutex_init(&local->mutex);
    g_cond_init(&local->idle);
    local->accepter = g_thread_new("local-accept", local_accept, local);
    return local;
}

void local_free(Local *local)
{
    if (!local) return;
    g_cancellable_cancel(local->stop);
    g_thread_join(local->accepter);
    g_mutex_lock(&local->mutex);
    while (local->running > 0)
        g_cond_wait(&local->idle, &local->mutex);
    g_mutex_unlock(&local->mutex);
    unlink(local->path);
    g_object_unref(local->socket);
    g_object_unref(local->stop);
    g_mutex_clear(&local->mutex);
    g_cond_clear(&local->idle);
    g_free(local->path);
    g_free(local);
}

/* ── client side ─────────────────────────────────────────────────────────────────────────────── */

static bool request_send(GSocket *socket, const Console *console, char **argv)
{
    g_autofree char *directory = console_path(console, ".");
    json_t *words = json_array();
    for (char **word = argv; *word; word++)
        json_array_append_new(words, json_string(*word));
    json_t *request = json_pack("{s:o,s:s,s:b}", "argv", words, "directory", directory, "terminal",
                                (int)console->terminal);
    char *text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    uint32_t length = (uint32_t)strlen(text);
    bool sent = send_all(socket, &length, sizeof length) && send_all(socket, text, length);
    free(text);
    return sent;
}

/* Copies frames to the console until the end frame. A lost server is a failed command. */
static int answer_receive(GSocket *socket, Console *console)
{
    char head[5];
    while (receive_all(socket, head, sizeof head)) {
        uint32_t length;
        memcpy(&length, head + 1, sizeof length);
        g_autofree char *data = g_malloc(length + 1u);
        if (!receive_all(socket, data, length)) break;
        if (head[0] == 'x') return (uint8_t)data[0];
        console->write(console->context, head[0] == 'o' ? CONSOLE_OUT : CONSOLE_NOTE, data, length);
    }
    console_note(console, "kith: the server ended before the command did\n");
    return CONSOLE_FAILED;
}

bool local_call(const char *data_dir, Console *console, char **argv, int *ret_status)
{
    g_autofree char *path = socket_path(data_dir);
    g_autoptr(GSocket) socket = socket_new(NULL);
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(path);
    if (!socket || !g_socket_connect(socket, address, NULL, NULL)) return false;
    if (!request_send(socket, console, argv)) return false;
    *ret_status = answer_receive(socket, console);
    return true;
}
