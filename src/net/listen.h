/* net/listen.h: sockets that wait for connections. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* "127.0.0.1:8420", "[::1]:8420", "localhost:0". Errors: INVALID (not an address), UNAVAILABLE
 * (port in use, not our address), saying what to do. */
bool listen_tcp(const char *address, int *ret_socket, uint16_t *ret_port, GError **error);

void listen_close(int socket); /* -1: nothing */
