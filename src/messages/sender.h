/* messages/sender.h: what is given to the sender's thread from outside. Private to messages/. */
#pragma once
#include "messages/render.h"
#include "people/identity.h"

enum {
    SENDER_TESTS_MAX = 20,  /* test mails that may wait */
    SENDER_TESTED_MAX = 50, /* mailings whose last test mail is remembered */
};

typedef struct TestAsk {
    int64_t campaign_id;
    const char *address;
} TestAsk;

/* Sends one test mail soon; takes what is in `steal`. False when too many wait. Any thread. */
bool sender_test(Messages *messages, const TestAsk *ask, Rendered *steal);

typedef enum TestedState { TESTED_NONE, TESTED_RUNNING, TESTED_DONE } TestedState;

/* What came of the last test mail of a mailing. In memory only: a restart forgets it. */
typedef struct Tested {
    int64_t campaign_id, message_id, at; /* at: UTC ms */
    TestedState state;
    char address[IDENTITY_VALUE_MAX + 1];
    CarrierResult result; /* when done */
} Tested;

/* `ret_tested` has TESTED_NONE when nothing is known. Any thread. */
void sender_tested(Messages *messages, int64_t campaign_id, Tested *ret_tested);
