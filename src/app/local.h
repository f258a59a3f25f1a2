/* app/local.h: DATA/kith.sock, the door by which a command reaches the server that holds a folder.
 *
 * One connection is one command. Request: a 4-byte length (host order) and that many bytes of JSON
 * {"argv":[…],"directory":"/abs","terminal":bool}. Answer: frames of one byte kind ('o' output,
 * 'e' standard error, 'x' end), a 4-byte length and the bytes; the frame 'x' bears the exit status
 * as one byte. Closing the connection asks the command to stop. The socket has mode 0600 and the
 * peer's user must be the server's own or root.
 */
#pragma once
#include "app/command.h"

enum {
    LOCAL_REQUEST_BYTES_MAX = 1024 * 1024, /* a command line is never longer */
    LOCAL_COMMANDS_MAX = 32                /* commands running at once; more are told to wait */
};

typedef struct Local Local;

/* Listens on DATA/kith.sock for a server. Each command runs in a thread of its own. The caller
 * frees it, which waits for running commands. Errors: UNAVAILABLE. */
Local *local_new(App *app, const char *data_dir, GError **error);
void local_free(Local *local);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Local, local_free)

/* Runs argv in the server that holds `data_dir`. False when there is none (nothing happened). */
bool local_call(const char *data_dir, Console *console, char **argv, int *ret_status);
