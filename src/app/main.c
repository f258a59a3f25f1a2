/* The program: a command line, nothing else. */
#include "app/command.h"

#include <locale.h>
#include <signal.h>
#include <sodium.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    umask(0077); /* a data folder and whatever is written into it are its owner's alone */
    signal(SIGPIPE, SIG_IGN);
    if (sodium_init() < 0) g_error("libsodium cannot start");
    Console console;
    console_init_stdio(&console);
    return command_run(NULL, &console, argc, argv);
}
