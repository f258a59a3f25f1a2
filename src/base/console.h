/* base/console.h: where a command prints, whether it runs in its own process or inside the server.
 *
 * A command writes data to `console_print` (standard output) and everything else to
 * `console_note` (standard error). When a server holds the data folder the same command runs
 * there and the texts travel over DATA/kith.sock; the command cannot tell the difference.
 *
 *     console_print(console, "%" PRId64 "\n", count);
 *     if (console_is_closed(console)) return CONSOLE_FAILED;   // the person pressed Ctrl-C
 *
 * Thread rule: one thread writes to a console; any thread may ask console_is_closed.
 */
#pragma once
#include <glib.h>
#include <stdbool.h>

enum { CONSOLE_DONE = 0, CONSOLE_FAILED = 1, CONSOLE_USAGE = 2 }; /* exit statuses */

typedef enum ConsoleStream { CONSOLE_OUT = 1, CONSOLE_NOTE = 2 } ConsoleStream;

/* Takes `size` bytes; false when nobody reads any more. */
typedef bool (*ConsoleWrite)(void *context, ConsoleStream stream, const char *text, size_t size);

typedef struct Console {
    ConsoleWrite write;
    void *context;
    bool terminal;         /* standard error is a terminal: progress may overwrite its line */
    const char *directory; /* what relative file names are relative to; never NULL */
    gint closed;           /* atomic */
} Console;

/* A console on this process's own standard output and error. */
void console_init_stdio(Console *console);

void console_print(Console *console, const char *format, ...) G_GNUC_PRINTF(2, 3);
void console_note(Console *console, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* Prints "kith: <message>" to standard error and returns CONSOLE_FAILED. */
int console_fail(Console *console, const GError *error);

/* `name` made absolute by the console's directory; the caller frees it. */
char *console_path(const Console *console, const char *name);

bool console_is_closed(const Console *console);
void console_close(Console *console); /* any thread: the command should come to an end */
