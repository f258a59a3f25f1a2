/* segments/served_fixture.h: the small shop of segments_fixture.h behind a server. Not product. */
#pragma once
#include "segments/segments_fixture.h"
#include "segments/segments_routes.h"

typedef struct World {
    Shop shop;
    Segments *segments;
    Server *server;
    uint16_t port;
    char *header; /* signs in: "Authorization: …\r\n" */
} World;

static inline void world_open(World *world, TestStore *test)
{
    clock_simulate(FIXTURE_NOW);
    shop_open(&world->shop, test);
    fixture_fill(&world->shop);
    world->segments = fixture_segments(&world->shop);
    ServerOptions options = {.listen = "127.0.0.1:0",
                             .upload_dir = test->dir,
                             .check_replies = true,
                             .auth = world->shop.auth};
    world->server = server_new(&options, NULL);
    segments_add_routes(world->server, world->segments);
    g_assert_true(server_start(world->server, NULL));
    world->port = server_port(world->server);
    world->header = g_strdup_printf("Authorization: Bearer %s\r\n", world->shop.api_key);
}

static inline void world_close(World *world)
{
    server_free(world->server);
    segments_free(world->segments);
    shop_end(&world->shop);
    g_free(world->header);
    clock_restore();
}
