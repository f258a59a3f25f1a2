#include "messages/messages.h"

#include "messages/campaign.h"
#include "messages/public.h"
#include "messages/sender.h"
#include "messages/settings.h"

Messages *messages_new(const MessagesOptions *options)
{
    Messages *messages = g_new0(Messages, 1);
    messages->options = *options;
    messages->token_key = (TokenKey){store_secret(options->store, "mail link proof"),
                                     store_secret(options->store, "mail link cipher")};
    messages->draw_key = store_secret(options->store, "left alone");
    g_mutex_init(&messages->mutex);
    messages->tests = g_async_queue_new();
    messages->tested = g_new0(Tested, SENDER_TESTED_MAX);
    g_mutex_init(&messages->tested_mutex);
    g_cond_init(&messages->wake);
    return messages;
}

void messages_free(Messages *messages)
{
    if (!messages) return;
    g_atomic_int_set(&messages->stopping, 1);
    messages_wake(messages);
    if (messages->thread) g_thread_join(messages->thread);
    g_clear_pointer(&messages->members, g_array_unref);
    g_mutex_clear(&messages->mutex);
    g_async_queue_unref(messages->tests);
    g_mutex_clear(&messages->tested_mutex);
    g_free(messages->tested);
    g_cond_clear(&messages->wake);
    g_free(messages->base_url);
    g_free(messages);
}

void messages_wake(Messages *messages)
{
    g_mutex_lock(&messages->mutex);
    messages->woken = true;
    g_cond_signal(&messages->wake);
    g_mutex_unlock(&messages->mutex);
}

void messages_add_routes(Messages *messages, Server *server)
{
    settings_add_routes(messages, server);
    campaign_add_routes(messages, server);
    campaign_preview_add_routes(messages, server);
    campaign_send_add_routes(messages, server);
    public_add_routes(messages, server);
}
