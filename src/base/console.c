#include "base/console.h"

#include <stdio.h>
#include <unistd.h>

static bool stdio_write(void *context, ConsoleStream stream, const char *text, size_t size)
{
    (void)context;
    FILE *file = stream == CONSOLE_OUT ? stdout : stderr;
    return fwrite(text, 1, size, file) == size && fflush(file) == 0;
}

void console_init_stdio(Console *console)
{
    *console =
        (Console){.write = stdio_write, .terminal = isatty(STDERR_FILENO) == 1, .directory = "."};
}

static void console_write(Console *console, ConsoleStream stream, const char *format,
                          va_list arguments) G_GNUC_PRINTF(3, 0);

static void console_write(Console *console, ConsoleStream stream, const char *format,
                          va_list arguments)
{
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    if (!console->write(console->context, stream, text, strlen(text))) console_close(console);
}

void console_print(Console *console, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    console_write(console, CONSOLE_OUT, format, arguments);
    va_end(arguments);
}

void console_note(Console *console, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    console_write(console, CONSOLE_NOTE, format, arguments);
    va_end(arguments);
}

int console_fail(Console *console, const GError *error)
{
    console_note(console, "kith: %s\n", error->message);
    return CONSOLE_FAILED;
}

char *console_path(const Console *console, const char *name)
{
    return g_canonicalize_filename(name, console->directory[0] == '/' ? console->directory : NULL);
}

bool console_is_closed(const Console *console) { return g_atomic_int_get(&console->closed) != 0; }

void console_close(Console *console) { g_atomic_int_set(&console->closed, 1); }
